// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import java.util.ArrayDeque;
import kvmlab.machine.Kind;
import kvmlab.machine.SharedObject;
import kvmlab.machine.Stamp;
import kvmlab.machine.StateHash;
import kvmlab.machine.Task;
import kvmlab.machine.Wait;

/// Something that one task waits for and another one announces, once for each waiter or once for
/// all. An announcement that comes first is kept.
///
/// Simplified: who takes a completion is ordered after the `complete` that made it and after those
/// before; Linux also orders it after later ones and after earlier takers, by its lock, which
/// nothing promises. So this hides nothing; it would raise an alarm at who relies on that.
///
/// @kernel include/linux/completion.h struct completion; kernel/sched/completion.c
public final class Completion extends SharedObject {
  // Why completions are handed over in the order of the requests. Linux wakes a waiter and lets it
  // compete, so a later one may overtake it. But nobody can see that a task is waiting: a request
  // that waits may as well come later, and every order of requests is explored. By the same token
  // complete commutes with wait_for_completion: request-then-complete and complete-then-request
  // give the oldest completion that is left to the oldest request that is left.
  //
  // Two completions do not commute: the first one is the cause of what the waiter does next. Those
  // that only look see how many completions are left, so everything that changes the number
  // matters.

  private final ArrayDeque<Stamp> done = new ArrayDeque<>(2);
  private final ArrayDeque<Task> queue = new ArrayDeque<>(2);
  private boolean forAll;
  private Stamp completed;

  private enum Event implements Kind {
    COMPLETE("complete"),
    COMPLETE_ALL("complete_all"),
    WAIT("wait_for_completion"),
    TRY_WAIT("try_wait_for_completion"),
    DONE("completion_done");

    private final String word;

    Event(String word) {
      this.word = word;
    }

    @Override
    public String word() {
      return word;
    }

    boolean completes() {
      return this == COMPLETE || this == COMPLETE_ALL;
    }
  }

  /// Declares and initialises a completion that nobody has announced.
  public Completion(String name) {
    super(name);
    completed = engine.nothing();
  }

  /// Lets one waiter go on, or the next one that comes.
  public void complete() {
    perform(Event.COMPLETE, 0);
  }

  /// Lets every waiter go on, and all that come.
  public void completeAll() {
    perform(Event.COMPLETE_ALL, 0);
  }

  /// Waits for a completion, and takes it.
  public void waitForCompletion() {
    Sched.mightSleep("wait_for_completion");
    perform(Event.WAIT, 0);
  }

  /// Takes a completion if there is one; returns whether there was. Never waits.
  public boolean tryWaitForCompletion() {
    return perform(Event.TRY_WAIT, 0) != 0;
  }

  /// Returns whether nobody that waited for a completion now would have to wait.
  public boolean completionDone() {
    return perform(Event.DONE, 0) != 0;
  }

  @Override
  public boolean commutes(Kind one, Kind other) {
    Event a = (Event) one;
    Event b = (Event) other;
    return a == Event.DONE && b == Event.DONE
        || a == Event.WAIT && b.completes()
        || a.completes() && b == Event.WAIT;
  }

  @Override
  public void execute(Task task) {
    switch ((Event) task.kind()) {
      case COMPLETE, COMPLETE_ALL -> {
        // Once all are let go on, another completion changes nothing, nor does it tell anything.
        if (!forAll) {
          completed = completed.join(publish(task));
          complete(task.kind() == Event.COMPLETE_ALL);
        }
      }
      case WAIT -> {
        if (!take(task)) {
          queue.add(task);
          block(task);
        }
      }
      case TRY_WAIT -> task.result(take(task) ? 1 : 0);
      case DONE -> {
        boolean seen = forAll || !done.isEmpty();
        if (seen) {
          observe(task, completed);
        }
        task.result(seen ? 1 : 0);
      }
    }
  }

  private void complete(boolean all) {
    forAll = all;
    if (!all && queue.isEmpty()) {
      done.add(completed);
    }
    int served = all ? queue.size() : Math.min(1, queue.size());
    for (int i = 0; i < served; i++) {
      Task waiter = queue.remove();
      observe(waiter, completed);
      grant(waiter);
    }
  }

  private boolean take(Task task) {
    if (!done.isEmpty()) {
      observe(task, done.remove());
      return true;
    }
    if (forAll) {
      observe(task, completed);
    }
    return forAll;
  }

  @Override
  public void describe(StateHash into) {
    into.add(done.size());
    into.add(queue.size());
    for (Task waiting : queue) {
      into.add(waiting);
    }
    into.add(forAll);
  }

  @Override
  public Wait waiting(Task waiter) {
    return Wait.of("not completed");
  }
}
