// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.Arrays;

/// Depth-first search through all executions with at most a given number of tricks: a trick is to
/// interrupt a task that could go on, or to let a read return something older than the newest.
///
/// Few tricks are enough for most bugs. Nothing equivalent is left out: a reduction that knows
/// nothing of the bound could leave out the one execution that keeps to it.
///
/// @source M. Musuvathi and S. Qadeer, "Iterative context bounding for systematic testing of
///   multithreaded programs", PLDI 2007
final class BoundedSearch extends Strategy {
  private final int bound;
  private int[] options = new int[128];
  private int[] chosen = new int[128];
  private int[] spent = new int[129];
  private int[][] values = new int[128][];
  private int[][] costs = new int[128][];
  private int given;
  private int decisions;

  BoundedSearch(int bound) {
    this.bound = bound;
  }

  @Override
  void begin(Execution execution) {
    decisions = 0;
  }

  @Override
  int pick(Execution execution, int enabled, int running) {
    int count = Integer.bitCount(enabled);
    if (count < 2) {
      return Integer.numberOfTrailingZeros(enabled);
    }
    int at = decisions++;
    if (at >= given) {
      int usual = execution.usual(enabled, running);
      boolean interrupts = usual == running;
      int[] tasks = new int[count];
      int[] prices = new int[count];
      tasks[0] = usual;
      int next = 1;
      for (int rest = enabled & ~(1 << usual); rest != 0; rest &= rest - 1) {
        tasks[next] = Integer.numberOfTrailingZeros(rest);
        prices[next++] = interrupts ? 1 : 0;
      }
      open(execution, at, tasks, prices);
    }
    int picked = values[at][chosen[at]];
    if ((enabled & 1 << picked) == 0) {
      throw new NondeterministicProgram(execution.tasks()[picked]);
    }
    return picked;
  }

  @Override
  int choose(Execution execution, ExploredTask task, int count, int[] keys) {
    if (count < 2) {
      return 0;
    }
    int at = decisions++;
    if (at >= given) {
      int[] alternatives = new int[count];
      int[] prices = new int[count];
      for (int i = 1; i < count; i++) {
        alternatives[i] = i;
        prices[i] = task.pendingChoosesMessage() || task.pending() instanceof ViewLocation ? 1 : 0;
      }
      open(execution, at, alternatives, prices);
    }
    return values[at][chosen[at]];
  }

  private void open(Execution execution, int at, int[] all, int[] prices) {
    if (at + 1 >= chosen.length) {
      int larger = chosen.length * 2;
      options = Arrays.copyOf(options, larger);
      chosen = Arrays.copyOf(chosen, larger);
      spent = Arrays.copyOf(spent, larger + 1);
      values = Arrays.copyOf(values, larger);
      costs = Arrays.copyOf(costs, larger);
    }
    values[at] = all;
    costs[at] = prices;
    options[at] = all.length;
    chosen[at] = 0;
    spent[at + 1] = spent[at];
    given = at + 1;
    for (int price : prices) {
      if (spent[at] + price > bound) {
        execution.leaveOut(
            "executions with at most "
                + bound
                + (bound == 1 ? " interruption or old value" : " interruptions or old values"));
        return;
      }
    }
  }

  @Override
  boolean advance() {
    for (int at = Math.min(given, decisions) - 1; at >= 0; at--) {
      while (++chosen[at] < options[at]) {
        int total = spent[at] + costs[at][chosen[at]];
        if (total <= bound) {
          spent[at + 1] = total;
          given = at + 1;
          return true;
        }
      }
    }
    return false;
  }
}
