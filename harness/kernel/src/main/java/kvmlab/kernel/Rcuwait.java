// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import kvmlab.machine.Engine;
import kvmlab.machine.Location;
import kvmlab.machine.Order;
import kvmlab.machine.Violation;

/// A place where one task waits to be woken. The waiter registers, declares that it is about to
/// sleep, tests its condition, and only then sleeps: each step is an event of its own, so a wake-up
/// that comes in between is seen, or lost, as in the kernel.
///
/// Whoever is woken tests the condition again: a waker that has read who waits may come to wake it
/// when it has long gone on and sleeps elsewhere.
///
/// @kernel include/linux/rcuwait.h struct rcuwait; kernel/exit.c rcuwait_wake_up()
public final class Rcuwait {
  /// Nobody.
  private enum Null {
    NULL
  }

  /// The {@link CurrentState} of the task that waits, or `NULL`. Written by waiters only, read by
  /// wakers without a lock.
  private final Location task;

  private final WaitPlace place;

  /// Declares a place where nobody waits.
  public Rcuwait(String name) {
    task = Engine.current().location(name, Null.NULL);
    place = new WaitPlace(name);
  }

  /// Registers the calling task as the one to wake. There is at most one.
  public void prepareToRcuwait() {
    CurrentState current = TaskStruct.currentState();
    current.waitsAt(place);
    Object before = task.update("prepare_to_rcuwait", any -> current, Order.RELEASE);
    if (before != Null.NULL && before != current) {
      Engine.current()
          .fail(
              Violation.of(
                  Violation.Kind.MISUSE,
                  SanitizerRule.WOKEN.id(),
                  "one task waits at a time in " + task.name(),
                  current + " registers while " + before + " waits"));
    }
  }

  /// Declares that the next {@link #schedule} sleeps, unless a wake-up comes first. A full barrier.
  public void setCurrentStateUninterruptible() {
    Sched.setCurrentState(TaskState.TASK_UNINTERRUPTIBLE);
  }

  /// Sleeps until a wake-up; returns at once when one came since the state was set.
  public void schedule() {
    Sched.schedule();
  }

  /// Ends the wait: no task is registered any more, and the calling one is running.
  public void finishRcuwait() {
    task.update("finish_rcuwait", any -> Null.NULL, Order.RELEASE);
    CurrentState current = TaskStruct.currentState();
    current.setRunning();
    current.waitsAt(null);
    place.left();
  }

  /// Wakes the registered task, if there is one. A full barrier comes first.
  public void wakeUp() {
    // Pairs with the one in setCurrentStateUninterruptible: the waker sees the waiter, or the
    // waiter sees what the waker has done before.
    Barriers.smpMb();
    if (task.read("rcuwait_wake_up", Order.ACQUIRE) instanceof CurrentState waiter) {
      waiter.wakeUp();
    } else {
      place.foundNobody(Engine.current().task());
    }
  }

  /// Returns whether a task is registered. Orders nothing.
  public boolean active() {
    return task.read("rcuwait_active", Order.RELAXED) != Null.NULL;
  }
}
