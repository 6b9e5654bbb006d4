// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Several threads that make one search: the calling one goes its way as if it were alone, and the
/// others go ahead of it.
///
/// Why the result is that of one thread. Of what the calling thread has still to explore it gives
/// subtrees away. What lies in one depends only on the decisions that lead there and on the tasks
/// that sleep when the search comes there. The latter is foreseen, and checked when the search does
/// come there: if it was foreseen right, what was found is taken over, as if it had been found only
/// then, races with events above included; if not, or if the budget ends within, the subtree is
/// explored again. So how the threads are timed decides only how much work is done ahead.
///
/// Rejected: to try every task at the upper nodes, so that subtrees do not depend on each other. It
/// gives up there what partial-order reduction saves, and the figures of one thread.
final class Team {
  private final int workers;
  private final long grain;
  private final Function<Subtree, Traversal> traversals;

  // Guarded by this team; the count is also read without.
  private final Deque<Subtree> offered = new ArrayDeque<>();
  private volatile int offers;
  private volatile boolean closed;

  /// @param grain how many executions are worth being given away
  /// @param traversals begins the exploration of a subtree
  Team(int workers, long grain, Function<Subtree, Traversal> traversals) {
    this.workers = workers;
    this.grain = grain;
    this.traversals = traversals;
  }

  /// Brings `traversal` to its end.
  void finish(Traversal traversal) {
    Thread caller = Thread.currentThread();
    Crew.run(
        workers,
        () -> {
          if (Thread.currentThread() != caller) {
            serve();
            return;
          }
          try {
            traversal.run(Long.MAX_VALUE, this);
          } finally {
            close();
          }
        });
  }

  private synchronized void close() {
    closed = true;
    notifyAll();
  }

  /// Returns whether there is less on offer than could be taken at once.
  boolean hasTime() {
    return offers < workers;
  }

  long grain() {
    return grain;
  }

  /// Returns whether nobody waits for the outcome of `subtree` any more.
  boolean isNeedless(@Nullable Subtree subtree) {
    return subtree != null && (closed || subtree.abandoned());
  }

  synchronized void offer(Subtree subtree) {
    offered.addLast(subtree);
    offers = offered.size();
    notifyAll();
  }

  private void serve() {
    while (true) {
      Subtree subtree = await(null);
      if (subtree == null) {
        return;
      }
      explore(subtree);
    }
  }

  /// Waits for the end of `subtree`, and explores others until then; returns false when nobody has
  /// begun it.
  ///
  /// @param left how many executions it may have taken
  boolean awaitEnd(Subtree subtree, long left) {
    subtree.executionsMax(left);
    synchronized (this) {
      if (offered.remove(subtree)) {
        offers = offered.size();
        return false;
      }
    }
    while (!subtree.ended()) {
      Subtree other = await(subtree);
      if (other != null) {
        explore(other);
      }
    }
    return true;
  }

  /// Waits for something to explore; null when `awaited` has ended before, or all work has.
  private synchronized @Nullable Subtree await(@Nullable Subtree awaited) {
    while (offered.isEmpty() && !closed && (awaited == null || !awaited.ended())) {
      try {
        wait();
      } catch (InterruptedException e) {
        throw new IllegalStateException("interrupted while exploring", e);
      }
    }
    if (closed || awaited != null && awaited.ended()) {
      return null;
    }
    Subtree first = offered.pollFirst();
    offers = offered.size();
    return first;
  }

  private void explore(Subtree subtree) {
    Subtree.Outcome outcome = null;
    try {
      Traversal traversal = traversals.apply(subtree);
      traversal.run(Long.MAX_VALUE, this);
      outcome = traversal.outcome();
    } catch (RuntimeException e) {
      // Whoever comes here in its turn meets the same again, and throws it.
      subtree.abandon();
    } finally {
      synchronized (this) {
        subtree.end(outcome);
        notifyAll();
      }
    }
  }
}
