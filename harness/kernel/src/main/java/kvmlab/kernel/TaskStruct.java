// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import java.util.List;
import kvmlab.machine.Engine;
import kvmlab.machine.Kind;
import kvmlab.machine.StateHash;
import kvmlab.machine.Task;
import org.jspecify.annotations.Nullable;

/// What the kernel knows of a task: the locks it holds, whether it may sleep, and its state.
///
/// @kernel include/linux/sched.h struct task_struct
final class TaskStruct implements Task.Context {
  private final Lockdep lockdep = Lockdep.of(Engine.current());
  private final HeldLocks held = new HeldLocks();
  private int preemptCount;
  private int nonBlockCount;
  private int interrupts;
  private @Nullable CurrentState state;
  private @Nullable Object mm;

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

  /// Notes that `task` asks for a lock and may have to wait for it.
  void requested(Task task, LockdepMap map, int mode, Kind kind) {
    if (held.size() > 0) {
      lockdep.request(task, held, map, mode, kind);
    }
  }

  /// Notes that `task`, whose pending event asked for the lock, has it.
  void acquired(Task task, LockdepMap map, int mode) {
    held.add(map, mode, task.kind(), task);
    if (map.spinning()) {
      preemptCount++;
    }
  }

  void released(LockdepMap map) {
    held.remove(map);
    if (map.spinning()) {
      preemptCount--;
    }
  }

  void downgraded(LockdepMap map) {
    held.downgrade(map);
  }

  @Nullable Object mm() {
    return mm;
  }

  void mm(@Nullable Object now) {
    mm = now;
  }

  void interrupt(int change) {
    interrupts += change;
  }

  boolean inInterrupt() {
    return interrupts > 0;
  }

  HeldLocks held() {
    return held;
  }

  @Override
  public void describe(StateHash into) {
    held.describe(into);
    into.add(nonBlockCount);
    into.add(interrupts);
    into.add(mm != null);
  }

  void nonBlockStart() {
    nonBlockCount++;
  }

  /// Returns whether a section was open.
  boolean nonBlockEnd() {
    return nonBlockCount > 0 && nonBlockCount-- > 0;
  }

  /// Returns whether the task must not sleep now.
  boolean atomic() {
    return preemptCount > 0 || nonBlockCount > 0 || interrupts > 0;
  }

  int preemptCount() {
    return preemptCount;
  }

  int nonBlockCount() {
    return nonBlockCount;
  }

  @Override
  public List<String> held(Task task) {
    return held.describe(task);
  }

  @Override
  public void exit(Task task) {
    if (held.size() > 0) {
      Engine.current().fail(LockdepReport.heldAtEnd(task, held.get(0)));
    }
    if (nonBlockCount > 0) {
      Engine.current().fail(SleepReport.openAtEnd(task));
    }
  }
}
