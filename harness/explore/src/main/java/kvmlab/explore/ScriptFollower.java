// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Follows a script; gives the execution up where a step cannot be taken.
final class ScriptFollower extends Strategy {
  private final List<Script.Step> steps;
  private int next;
  private boolean performed;
  private @Nullable String missed;

  ScriptFollower(Script script) {
    this.steps = script.steps();
  }

  /// Returns which step was not taken, and why; null when all were.
  @Nullable String missed() {
    if (missed == null && next < steps.size()) {
      return steps.get(next).inWords(next + 1) + ", and the execution ended before";
    }
    return missed;
  }

  @Override
  void begin(Execution execution) {
    next = 0;
    performed = false;
    missed = null;
  }

  @Override
  int pick(Execution execution, int enabled, int running) {
    while (next < steps.size()) {
      Script.Step step = steps.get(next);
      ExploredTask task = find(execution, step.task());
      if (task == null) {
        return miss(step, "there is no such task");
      }
      boolean moves = (enabled & 1 << task.id()) != 0;
      if (!isOver(step, task, moves)) {
        if (!moves) {
          return miss(step, isDone(task) ? "it has ended" : "it waits in " + spell(task));
        }
        performed = step.until() == Script.Until.AFTER && isAt(step, task);
        return task.id();
      }
      next++;
      performed = false;
    }
    return stay(enabled, running);
  }

  /// The end of the last steps is not followed by a decision.
  @Override
  void maximal(Execution execution) {
    while (next < steps.size()) {
      Script.Step step = steps.get(next);
      ExploredTask task = find(execution, step.task());
      if (task == null || !isOver(step, task, false)) {
        return;
      }
      next++;
      performed = false;
    }
  }

  private boolean isOver(Script.Step step, ExploredTask task, boolean moves) {
    return switch (step.until()) {
      case BEFORE -> moves && isAt(step, task);
      case AFTER -> performed;
      case STUCK -> !moves && !isDone(task);
      case END -> isDone(task);
    };
  }

  private int miss(Script.Step step, String why) {
    missed = step.inWords(next + 1) + ", and " + why;
    return PRUNE;
  }

  private static boolean isAt(Script.Step step, ExploredTask task) {
    return spell(task).contains(step.event());
  }

  private static boolean isDone(ExploredTask task) {
    return task.status == ExploredTask.Status.DONE;
  }

  private static String spell(ExploredTask task) {
    return task.pending().spelling(task);
  }

  private static @Nullable ExploredTask find(Execution execution, String name) {
    for (ExploredTask task : execution.tasks()) {
      if (task.name().equals(name)) {
        return task;
      }
    }
    return null;
  }
}
