// SPDX-License-Identifier: MIT
package kvmlab.explore;

/// Keeps one task from going on for ever while others could end its loop, and tells an endless loop
/// from one that nobody let come to its end.
///
/// No strategy is overruled: this is what one does where it has no reason to do otherwise.
final class Fairness {
  /// How many events one execution may have before it counts as endless.
  static final int EVENTS_MAX = 5_000;

  /// After how many events in a row of one task the others have their turn.
  private static final int TURN_MAX = 200;

  /// How often a task may go round a loop that says that it spins, yet changes something.
  static final int ROUNDS_MAX = 8;

  private final Roster roster;

  /// How many events the task that moved last has performed in a row.
  private int turn;

  Fairness(Roster roster) {
    this.roster = roster;
  }

  /// A task has been picked.
  void picked(boolean again) {
    turn = again ? turn + 1 : 0;
  }

  /// The task that runs lets others go first, if they can.
  void yield() {
    turn = TURN_MAX;
  }

  /// Returns the usual choice among `candidates`: to go on with the task that moved last, unless it
  /// has had a long turn; else the next one in the order of their numbers.
  int usual(int candidates, int moved) {
    if (turn < TURN_MAX || moved < 0 || candidates == 1 << moved) {
      return Strategy.stay(candidates, moved);
    }
    int later = candidates & -(2 << moved);
    return Integer.numberOfTrailingZeros(later != 0 ? later : candidates);
  }

  /// Returns whether a task other than `task` can move.
  boolean othersCanMove(ExploredTask task) {
    return (roster.enabled() & ~(1 << task.id())) != 0;
  }

  /// Returns whether every task that can move has had its turns in the later half of `events`.
  boolean hadTurns(int events) {
    for (ExploredTask task : roster.tasks()) {
      if (task.enabled() && task.movedAt < events - EVENTS_MAX / 2) {
        return false;
      }
    }
    return true;
  }

  /// Returns whether a task spins in vain for a change of one place although another has changed:
  /// the choice of that one covers what would come.
  boolean choseInVain() {
    for (ExploredTask task : roster.tasks()) {
      if (task.spinsInVain() && task.spin.changedElsewhere()) {
        return true;
      }
    }
    return false;
  }

  /// Nobody can move: returns which spinning task goes on all the same, as a set; empty when they
  /// have all done so long enough.
  int lifted() {
    ExploredTask next = null;
    for (ExploredTask task : roster.tasks()) {
      if (task.spinsInVain() && (next == null || task.spin.lifts() < next.spin.lifts())) {
        next = task;
      }
    }
    return next != null && next.spin.lift() ? 1 << next.id() : 0;
  }
}
