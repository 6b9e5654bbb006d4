// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import java.util.List;
import kvmlab.machine.Kind;
import kvmlab.machine.SharedObject;
import kvmlab.machine.Stamp;
import kvmlab.machine.StateHash;
import kvmlab.machine.Task;
import kvmlab.machine.Wait;
import org.jspecify.annotations.Nullable;

/// The state of one task, `current->__state`: set by the task itself, reset by whoever wakes it.
///
/// Every wait is built on it: a place to wait at ({@link Rcuwait}, {@link WaitQueueHead}) only
/// tells a waker which task to wake. A task that waits at two places has one state, and either
/// wakes it.
///
/// @kernel kernel/sched/core.c schedule(), try_to_wake_up()
final class CurrentState extends SharedObject {
  // Why sleeping commutes with a wake-up: sleeping first and then being woken, and being woken
  // first and then not sleeping, end in the same place, with the same wake-up seen. Two wake-ups
  // do not commute: the first one is the cause of what the task does next. Nor does setting the
  // state with a wake-up: that order decides whether the wake-up is lost.

  private final Task task;
  private boolean running = true;
  private boolean asleep;
  private Stamp woken;

  // Needs no lock: the task itself writes it; a report reads it while the task is asleep.

  private boolean declared;
  private @Nullable WaitPlace place;

  // For reports: who has woken the task since it began to wait, and whose wake-up came too early.

  private @Nullable Task waker;
  private @Nullable Task missed;

  private enum Event implements Kind {
    SET_STATE("set_current_state"),
    SCHEDULE("schedule"),
    WAKE("wake_up_process");

    private final String word;

    Event(String word) {
      this.word = word;
    }

    @Override
    public String word() {
      return word;
    }
  }

  CurrentState(Task task) {
    super(task.name());
    this.task = task;
    woken = engine.nothing();
  }

  /// Notes where the task registers, for reports; null when it is done with waiting.
  void waitsAt(@Nullable WaitPlace next) {
    if (next == null) {
      waker = null;
      missed = null;
    }
    place = next;
  }

  /// Sets the state of the calling task, whose state this is. Orders nothing.
  void set(TaskState state) {
    declared = state != TaskState.TASK_RUNNING;
    perform(Event.SET_STATE, state.ordinal());
  }

  /// Sets the state to running, if the task knows of no reason why it already should be. Orders
  /// nothing.
  void setRunning() {
    // Nobody but the task declares that it sleeps, so without a declaration there is nothing to do.
    if (declared) {
      set(TaskState.TASK_RUNNING);
    }
  }

  /// Lets the calling task, whose state this is, sleep until a wake-up; returns at once when it is
  /// running.
  void schedule() {
    perform(Event.SCHEDULE, 0);
    declared = false;
  }

  /// Wakes the task; returns whether it was not running.
  boolean wakeUp() {
    return perform(Event.WAKE, 0) != 0;
  }

  @Override
  public boolean commutes(Kind one, Kind other) {
    return one == Event.SCHEDULE || other == Event.SCHEDULE;
  }

  @Override
  public void execute(Task performer) {
    switch ((Event) performer.kind()) {
      case SET_STATE -> {
        running = performer.argument() == TaskState.TASK_RUNNING.ordinal();
        // A wake-up of an earlier wait has nothing to tell to a later one.
        woken = engine.nothing();
      }
      case SCHEDULE -> {
        if (running) {
          observe(performer, woken);
        } else {
          asleep = true;
          block(performer);
        }
      }
      case WAKE -> {
        if (running) {
          missed = performer;
        } else {
          missed = null;
          waker = performer;
          running = true;
          woken = publish(performer);
          performer.result(1);
          if (asleep) {
            asleep = false;
            observe(task, woken);
            grant(task);
          }
        }
      }
    }
  }

  @Override
  public void describe(StateHash into) {
    into.add(running);
    into.add(asleep);
    into.add(declared);
  }

  @Override
  public String spelling(Task performer) {
    return switch ((Event) performer.kind()) {
      case SET_STATE -> {
        TaskState state = TaskState.values()[(int) performer.argument()];
        yield (state == TaskState.TASK_RUNNING ? "__set_current_state(" : "set_current_state(")
            + state
            + ")";
      }
      case SCHEDULE -> "schedule()";
      case WAKE -> "wake_up_process(" + task + ")";
    };
  }

  @Override
  public Wait waiting(Task waiter) {
    WaitPlace at = place;
    String where = at == null ? "asleep" : "asleep at " + at.name();
    Task early = at == null ? null : at.calledInVain();
    if (missed != null) {
      return lost(where + "; the wake-up by " + missed + " came before it had set its state");
    }
    if (early != null) {
      return lost(where + "; the wake-up by " + early + " came before it had registered");
    }
    return waker == null
        ? new Wait(
            "missing wake-up",
            SanitizerRule.WOKEN.id(),
            where + ", and nobody has called a wake-up",
            List.of())
        : lost(where + " again, after the last wake-up, by " + waker);
  }

  private static Wait lost(String why) {
    return new Wait("lost wake-up", SanitizerRule.WOKEN.id(), why, List.of());
  }
}
