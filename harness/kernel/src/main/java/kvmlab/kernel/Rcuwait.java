// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import kvmlab.machine.Kind;
import kvmlab.machine.SharedObject;
import kvmlab.machine.Stamp;
import kvmlab.machine.StateHash;
import kvmlab.machine.Task;
import kvmlab.machine.Violation;
import org.jspecify.annotations.Nullable;

/// A place where one task waits to be woken. The waiter registers, declares that it is about to
/// sleep, tests its condition, and only then sleeps: each step is an event of its own, so a wake-up
/// that comes in between is seen, or lost, as in the kernel.
///
/// Simplified: the task state belongs to the rcuwait, not to the task; a task waits at one place at
/// a time, so this hides nothing.
///
/// @kernel include/linux/rcuwait.h struct rcuwait
public final class Rcuwait extends SharedObject {
  private @Nullable Task waiter;
  private boolean sleeping;
  private @Nullable Task asleep;
  private Stamp woken;

  private enum Event implements Kind {
    PREPARE("prepare_to_rcuwait"),
    SET_STATE("set_current_state"),
    SCHEDULE("schedule"),
    FINISH("finish_rcuwait"),
    WAKE("rcuwait_wake_up");

    private final String word;

    Event(String word) {
      this.word = word;
    }

    @Override
    public String word() {
      return word;
    }
  }

  /// Declares a place where nobody waits.
  public Rcuwait(String name) {
    super(name);
    woken = engine.nothing();
  }

  /// Registers the calling task as the one to wake. There is at most one.
  public void prepareToRcuwait() {
    perform(Event.PREPARE, 0);
  }

  /// Declares that the next {@link #schedule} sleeps, unless a wake-up comes first. A full barrier.
  public void setCurrentStateUninterruptible() {
    perform(Event.SET_STATE, 0);
    Barriers.smpMb();
  }

  /// Sleeps until a wake-up; returns at once when one came since the state was set.
  public void schedule() {
    Sched.mightSleep("schedule");
    perform(Event.SCHEDULE, 0);
  }

  /// Ends the wait: no task is registered any more.
  public void finishRcuwait() {
    perform(Event.FINISH, 0);
  }

  /// Wakes the registered task, if there is one. A full barrier comes first.
  public void wakeUp() {
    Barriers.smpMb();
    perform(Event.WAKE, 0);
  }

  /// Returns whether a task is registered.
  public boolean active() {
    return waiter != null;
  }

  @Override
  public boolean commutes(Kind one, Kind other) {
    // Sleeping first or being woken first ends in the same place. Two wake-ups do not commute:
    // the first one causes the resumption.
    return one == Event.SCHEDULE || other == Event.SCHEDULE;
  }

  @Override
  public void execute(Task task) {
    switch ((Event) task.kind()) {
      case PREPARE -> {
        if (waiter != null && waiter != task) {
          misuse("one task waits at a time", task + " registers while " + waiter + " waits");
        }
        waiter = task;
      }
      case SET_STATE -> sleeping = true;
      case SCHEDULE -> {
        if (sleeping) {
          asleep = task;
          block(task);
        } else {
          resumed(task);
        }
      }
      case FINISH -> {
        waiter = null;
        sleeping = false;
      }
      case WAKE -> {
        Task target = waiter;
        if (target != null && sleeping) {
          woken = publish(task);
          sleeping = false;
          if (asleep == target) {
            asleep = null;
            resumed(target);
            grant(target);
          }
        }
      }
    }
  }

  @Override
  public void describe(StateHash into) {
    into.add(waiter);
    into.add(sleeping);
    into.add(asleep);
    into.add(woken);
  }

  private void resumed(Task task) {
    observe(task, woken);
  }

  private void misuse(String rule, String seen) {
    engine.fail(Violation.of(Violation.Kind.MISUSE, "I32", rule, seen));
  }

  @Override
  public String state() {
    return name() + ", asleep until a wake-up";
  }
}
