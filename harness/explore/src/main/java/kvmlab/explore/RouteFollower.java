// SPDX-License-Identifier: MIT
package kvmlab.explore;

import kvmlab.explore.Route.Kind;
import kvmlab.explore.Route.Turn;
import org.jspecify.annotations.Nullable;

/// Follows a route; where a turn cannot be taken, goes straight on from there.
///
/// Counts as {@link RouteRecorder} does, so that a route that was recorded is followed exactly; on
/// condition that no other execution has numbered the tasks.
final class RouteFollower extends Strategy {
  private final Route route;
  private final Landmarks landmarks = new Landmarks();
  private int next;
  private @Nullable Turn blocked;

  RouteFollower(Route route) {
    this.route = route;
  }

  /// Returns the first turn that was not taken, or null when all were.
  @Nullable Turn missed() {
    if (blocked != null) {
      return blocked;
    }
    return next < route.length() ? route.turns().get(next) : null;
  }

  /// Returns whether the execution came to the landmark of the missed turn, and could not turn.
  boolean cameThere() {
    return blocked != null;
  }

  @Override
  void begin(Execution execution) {
    next = 0;
    blocked = null;
    landmarks.begin();
  }

  @Override
  int pick(Execution execution, int enabled, int running) {
    boolean stopped = running >= 0 && (enabled & 1 << running) == 0;
    if (stopped) {
      landmarks.stop(execution.tasks()[running]);
    }
    int picked = stay(enabled, running);
    Turn turn = due();
    if (turn != null && isHere(execution, turn, running, stopped)) {
      if ((enabled & 1 << turn.choice()) != 0) {
        picked = turn.choice();
        taken();
      } else {
        blocked = turn;
      }
    }
    landmarks.pass(execution.tasks()[picked]);
    return picked;
  }

  @Override
  int choose(Execution execution, ExploredTask task, int count, int[] keys) {
    Turn turn = due();
    if (turn == null
        || turn.kind() != Kind.ALTERNATIVE
        || turn.task() != task.id()
        || turn.landmark() != landmarks.of(task)
        || turn.nth() != landmarks.passed(task)) {
      return 0;
    }
    if (turn.choice() >= count) {
      blocked = turn;
      return 0;
    }
    taken();
    return turn.choice();
  }

  private boolean isHere(Execution execution, Turn turn, int running, boolean stopped) {
    if (turn.kind() == Kind.START) {
      return running < 0;
    }
    if (running < 0 || turn.task() != running) {
      return false;
    }
    ExploredTask task = execution.tasks()[running];
    return switch (turn.kind()) {
      case STOP -> stopped && turn.nth() == landmarks.stopped(task);
      case INTERRUPT ->
          !stopped
              && turn.landmark() == landmarks.of(task)
              && turn.nth() == landmarks.passed(task) + 1;
      case START, ALTERNATIVE -> false;
    };
  }

  private @Nullable Turn due() {
    return blocked == null && next < route.length() ? route.turns().get(next) : null;
  }

  private void taken() {
    next++;
    landmarks.turn();
  }
}
