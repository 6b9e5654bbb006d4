// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.function.BiConsumer;
import kvmlab.machine.Violation;
import org.jspecify.annotations.Nullable;

/// One thread's way through a search tree, or through a subtree of it.
final class Traversal {
  private final Strategy strategy;
  private final @Nullable Search search;
  private final Runner runner;
  private final @Nullable Subtree given;
  private final boolean stopAtFirst;
  private final long executionsMax;
  private final BiConsumer<Long, @Nullable Violation> completed;
  private final Tally tally = new Tally();
  private boolean ended;
  private boolean exhausted;

  /// @param given the subtree to explore, or null for the whole tree
  Traversal(
      Strategy strategy,
      Runner runner,
      @Nullable Subtree given,
      boolean stopAtFirst,
      long executionsMax,
      BiConsumer<Long, @Nullable Violation> completed) {
    this.strategy = strategy;
    this.search = strategy instanceof Search it ? it : null;
    this.runner = runner;
    this.given = given;
    this.stopAtFirst = stopAtFirst;
    this.executionsMax = executionsMax;
    this.completed = completed;
  }

  /// Goes on until nothing is left to explore, nothing more is wanted, or so many executions have
  /// been made; returns whether there is more to do.
  ///
  /// @param team who may help, or null
  boolean run(long executions, @Nullable Team team) {
    while (!ended && tally.executions < executions) {
      Execution execution = runner.run(strategy);
      tally.add(execution);
      if (!execution.pruned()) {
        if (!stopAtFirst && execution.brokenOff()) {
          runner.shared().leaveOut("executions up to their first violation");
        }
        completed.accept(tally.executions, execution.violation());
      }
      if (team != null && search != null && team.hasTime()) {
        Subtree subtree = search.giveAway(given, runner.shared(), team.grain(), left());
        if (subtree != null) {
          team.offer(subtree);
        }
      }
      ended = !forward(team) || team != null && team.isNeedless(given);
    }
    return !ended;
  }

  /// Prepares the next execution; returns whether there is one to make.
  private boolean forward(@Nullable Team team) {
    while (!wrong()) {
      if (!strategy.advance()) {
        exhausted = true;
        return false;
      }
      if (left() <= 0) {
        return false;
      }
      if (team == null || search == null || !takeOver(search, team)) {
        return true;
      }
    }
    return false;
  }

  private boolean wrong() {
    return stopAtFirst && tally.found != null;
  }

  private long left() {
    return (given == null ? executionsMax : given.executionsMax()) - tally.executions;
  }

  /// Takes over what others found in the subtree that the next execution would enter; returns false
  /// where it must be explored here.
  private boolean takeOver(Search search, Team team) {
    Subtree subtree = search.elsewhere();
    if (subtree == null) {
      return false;
    }
    Shared shared = runner.shared();
    boolean begun = search.hasForeseen(subtree, shared) && team.awaitEnd(subtree, left());
    Subtree.Outcome outcome = subtree.outcome();
    if (!begun
        || outcome == null
        || outcome.tally().executions > left()
        || !search.hasForeseen(subtree, shared)) {
      subtree.abandon();
      return false;
    }
    search.takeOver(outcome);
    shared.takeOver(subtree.shared);
    tally.add(outcome.tally());
    return true;
  }

  /// Returns what exploring the given subtree came to; null when it has been left unfinished.
  Subtree.@Nullable Outcome outcome() {
    return search != null && (exhausted || wrong()) ? search.outcome(tally) : null;
  }

  /// Returns what was done and found.
  Explored explored() {
    Shared shared = runner.shared();
    boolean all = exhausted && tally.cut == 0 && !shared.incomplete();
    StateSearch visited = strategy instanceof StateSearch it ? it : null;
    return new Explored(
        tally.executions,
        tally.complete,
        tally.executions - tally.complete - tally.cut,
        tally.events,
        all,
        all ? 1 : covered(),
        shared.bounds(),
        visited == null ? 0 : visited.states(),
        visited == null ? 0 : visited.bytes(),
        tally.found);
  }

  private double covered() {
    boolean unknown = wrong() || tally.cut > 0 || runner.shared().incomplete();
    return search == null || unknown ? 0 : search.covered();
  }
}
