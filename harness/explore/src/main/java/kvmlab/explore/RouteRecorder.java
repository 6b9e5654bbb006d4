// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.ArrayList;
import java.util.List;
import kvmlab.explore.Route.Kind;
import kvmlab.explore.Route.Turn;
import org.jspecify.annotations.Nullable;

/// Lets another strategy decide, and writes down the route that comes of it. A route numbers the
/// tasks in the order in which this execution creates them.
final class RouteRecorder extends Strategy {
  private final Strategy decider;
  private final Landmarks landmarks;
  private final List<Turn> turns = new ArrayList<>();

  /// @param landmarks where the names of landmarks are kept
  RouteRecorder(Strategy decider, Landmarks landmarks) {
    this.decider = decider;
    this.landmarks = landmarks;
  }

  Route route() {
    return new Route(turns);
  }

  @Override
  void begin(Execution execution) {
    turns.clear();
    landmarks.begin();
    decider.begin(execution);
  }

  @Override
  int pick(Execution execution, int enabled, int running) {
    landmarks.look(execution.tasks());
    boolean stopped = running >= 0 && (enabled & 1 << running) == 0;
    if (stopped) {
      landmarks.stop(execution.tasks()[running]);
    }
    int picked = decider.pick(execution, enabled, running);
    if (picked < 0) {
      return picked;
    }
    if (picked != stay(enabled, running)) {
      int from = landmarks.rank(running);
      int to = landmarks.rank(picked);
      if (running < 0) {
        turn(new Turn(Kind.START, -1, to, 0, 1));
      } else if (stopped) {
        int nth = landmarks.stopped(execution.tasks()[running]);
        turn(new Turn(Kind.STOP, from, to, 0, nth));
      } else {
        ExploredTask task = execution.tasks()[running];
        int nth = landmarks.passed(task) + 1;
        turn(new Turn(Kind.INTERRUPT, from, to, landmarks.of(task), nth));
      }
    }
    landmarks.pass(execution.tasks()[picked]);
    return picked;
  }

  @Override
  int choose(Execution execution, ExploredTask task, int count, int[] keys) {
    int chosen = decider.choose(execution, task, count, keys);
    if (chosen > 0) {
      int who = landmarks.rank(task.id());
      int nth = landmarks.passed(task);
      turn(new Turn(Kind.ALTERNATIVE, who, chosen, landmarks.of(task), nth));
    }
    return chosen;
  }

  private void turn(Turn turn) {
    turns.add(turn);
    landmarks.turn();
  }

  @Override
  void commit(Execution execution, ExploredTask task, @Nullable Message source, boolean stores) {
    decider.commit(execution, task, source, stores);
  }

  @Override
  void maximal(Execution execution) {
    decider.maximal(execution);
  }

  @Override
  int[] eventClock() {
    return decider.eventClock();
  }

  @Override
  int eventDepth() {
    return decider.eventDepth();
  }
}
