// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import java.util.ArrayList;
import java.util.List;
import kvmlab.machine.Engine;
import kvmlab.machine.StateHash;
import kvmlab.machine.Stateful;
import kvmlab.machine.Task;
import org.jspecify.annotations.Nullable;

/// What the kernel knows of a task: the locks it holds, whether it may sleep, and its state.
///
/// @kernel include/linux/sched.h struct task_struct
final class TaskStruct implements Stateful {
  private final List<Lock> held = new ArrayList<>(4);
  private int preemptCount;
  private int nonBlockCount;
  private int interrupts;
  private @Nullable CurrentState state;

  static TaskStruct of(Task task) {
    return task.context(TaskStruct.class, TaskStruct::new);
  }

  static TaskStruct current() {
    return of(Engine.current().task());
  }

  /// Returns the state of the calling task. Others get it from where the task has registered.
  static CurrentState currentState() {
    TaskStruct current = current();
    CurrentState state = current.state;
    if (state == null) {
      state = new CurrentState(Engine.current().task());
      current.state = state;
    }
    return state;
  }

  void acquired(Lock lock) {
    held.add(lock);
    if (!lock.sleeping()) {
      preemptCount++;
    }
  }

  void released(Lock lock) {
    // The last acquisition first: a read lock may be held twice.
    int last = held.lastIndexOf(lock);
    if (last >= 0) {
      held.remove(last);
      if (!lock.sleeping()) {
        preemptCount--;
      }
    }
  }

  boolean holds(Lock lock) {
    return held.contains(lock);
  }

  void interrupt(int change) {
    interrupts += change;
  }

  boolean inInterrupt() {
    return interrupts > 0;
  }

  void nonBlock(int change) {
    nonBlockCount += change;
  }

  @Override
  public void describe(StateHash into) {
    into.addSet(held);
    into.add(nonBlockCount);
    into.add(interrupts);
  }

  /// Returns why the task must not sleep now, or the empty string.
  String atomic() {
    if (preemptCount > 0) {
      List<String> spinning =
          held.stream().filter(lock -> !lock.sleeping()).map(Lock::name).toList();
      return "it holds " + String.join(", ", spinning);
    }
    if (inInterrupt()) {
      return "it is in interrupt context";
    }
    return nonBlockCount > 0 ? "it is in a non-blockable section" : "";
  }
}
