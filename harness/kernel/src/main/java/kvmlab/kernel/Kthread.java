// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import java.util.List;
import java.util.Objects;
import kvmlab.machine.Kind;
import kvmlab.machine.SharedObject;
import kvmlab.machine.Stamp;
import kvmlab.machine.StateHash;
import kvmlab.machine.Task;
import kvmlab.machine.Violation;
import kvmlab.machine.Wait;
import org.jspecify.annotations.Nullable;

/// A thread that a task creates, and may wait for.
///
/// Creation orders everything that the creator has done before everything that the thread does; the
/// end of the thread orders everything that it has done before what its stopper does next.
///
/// Simplified: {@link #stop} raises the flag and waits, but does not wake a thread that sleeps
/// elsewhere. That can raise a false alarm, a thread that sleeps for ever, and hide nothing.
///
/// @kernel include/linux/kthread.h kthread_run(); kernel/kthread.c kthread_stop()
public final class Kthread extends SharedObject {
  private final LongCell shouldStop;
  private @Nullable Runnable body;
  private @Nullable Task stopper;
  private @Nullable Task thread;
  private boolean exited;
  private Stamp ended;

  private enum Event implements Kind {
    RUN("kthread_run"),
    STOP("kthread_stop"),
    EXIT("kthread_exit");

    private final String word;

    Event(String word) {
      this.word = word;
    }

    @Override
    public String word() {
      return word;
    }
  }

  private Kthread(String name, Runnable body) {
    super(name);
    this.body = body;
    this.ended = engine.nothing();
    this.shouldStop = new LongCell(name + " KTHREAD_SHOULD_STOP", 0);
  }

  /// Creates a thread that runs `body`, and starts it.
  ///
  /// @param name heads its column in reports
  public static Kthread run(String name, Runnable body) {
    Kthread thread = new Kthread(name, body);
    thread.perform(Event.RUN, 0);
    return thread;
  }

  /// Asks the thread to end, and waits until it has. Called once.
  public void stop() {
    Sched.mightSleep("kthread_stop");
    shouldStop.writeOnce(1);
    perform(Event.STOP, 0);
  }

  /// Returns whether somebody waits for the thread to end. Called by the thread itself.
  public boolean shouldStop() {
    return shouldStop.readOnce() != 0;
  }

  @Override
  public boolean commutes(Kind one, Kind other) {
    // Whether the thread ends first or is waited for first, the stopper goes on after its end. It
    // is created before either. Who waits for it second is told that it is too late.
    return one != Event.STOP || other != Event.STOP;
  }

  @Override
  public void execute(Task task) {
    switch ((Event) task.kind()) {
      case RUN -> start(task);
      case STOP -> {
        if (stopper != null) {
          engine.fail(
              Violation.of(
                  Violation.Kind.MISUSE,
                  null,
                  "kthread_stop is called once for " + name(),
                  task + " calls it after " + stopper));
        }
        stopper = task;
        if (exited) {
          observe(task, ended);
        } else {
          block(task);
        }
      }
      case EXIT -> {
        ended = publish(task);
        exited = true;
        Task waiting = stopper;
        if (waiting != null) {
          observe(waiting, ended);
          grant(waiting);
        }
      }
    }
  }

  private void start(Task creator) {
    Runnable work = Objects.requireNonNull(body);
    body = null;
    Stamp stamp = publish(creator);
    Task started =
        spawn(
            name(),
            () -> {
              work.run();
              perform(Event.EXIT, 0);
            });
    thread = started;
    observe(started, stamp);
  }

  @Override
  public void describe(StateHash into) {
    into.add(body == null);
    into.add(stopper);
    into.add(exited);
  }

  @Override
  public Wait waiting(Task waiter) {
    Task running = thread;
    List<Task> on = running == null ? List.of() : List.of(running);
    return new Wait(null, null, "for the end of " + name(), on);
  }
}
