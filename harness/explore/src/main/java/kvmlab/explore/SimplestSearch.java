// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Depth-first search for the simplest of the executions that cost at most a given bound, leaving
/// out what is equivalent to an execution that costs no more.
///
/// A context switch costs 1. An old value that is read, a write that is placed below a newer one,
/// and an input that is not the usual one cost 2, as much as to interrupt a task and come back.
///
/// Why executions may be left out although the search is bounded. Let a task be interrupted before
/// an event, and resume when nothing has happened that does not commute with that event. Then the
/// event may as well come before the interruption: that adds no switch, because the interrupted
/// turn gets longer and the resumed one shorter or empty; and no value gets older, because a write
/// commutes with no read of the same location. So:
///
/// - An interrupted task sleeps until something happens that does not commute with its next event.
///   Only interrupted tasks do: to let another one move earlier would add a switch.
/// - A task is not interrupted where its next event commutes with everything that other tasks have
///   been seen to do. If one of them does something else when interrupted here, it also comes to
///   that when interrupted after the event, as nothing before depends on the event; then it has
///   been seen, and the search is repeated: see {@link #incomplete}.
///
/// Each such exchange moves an event to an earlier turn, so exchanging ends, in an execution that
/// the search visits.
///
/// @source M. Musuvathi and S. Qadeer, "Iterative context bounding for systematic testing of
///   multithreaded programs", PLDI 2007; K. Coons, M. Musuvathi and K. McKinley, "Bounded
///   partial-order reduction", OOPSLA 2013
final class SimplestSearch extends Strategy {
  private static final int SWITCH = 1;
  private static final int SURPRISE = 2;

  /// What an execution asks of its reader, most significant part first, in one number: cost,
  /// surprises, interruptions, events. As an execution goes on, it only grows.
  private static final int COST = 48;

  private static final int SURPRISES = 40;
  private static final int INTERRUPTIONS = 24;

  private final long bound;

  /// What is known to matter; null where everything does.
  private final @Nullable Conflicts conflicts;

  // The decisions on the current path that had more than one option.
  private int[][] options = new int[64][];
  private int[] chosen = new int[64];
  private int given;
  private int decisions;

  // The current execution.
  private long price;
  private int asleep;

  private long best = Long.MAX_VALUE;

  /// @param conflicts what earlier searches of the same program have seen; null to visit every
  ///   execution within the bound
  SimplestSearch(int bound, @Nullable Conflicts conflicts) {
    this.bound = (long) (bound + 1) << COST;
    this.conflicts = conflicts;
  }

  /// Returns the price of so many switches, of which some interrupt a task that could go on.
  static long switches(int switches, int interruptions) {
    return ((long) switches * SWITCH << COST) + ((long) interruptions << INTERRUPTIONS);
  }

  /// Returns the price of so many surprises.
  static long surprises(int surprises) {
    return ((long) surprises * SURPRISE << COST) + ((long) surprises << SURPRISES);
  }

  /// Returns the most significant part of a price.
  static int cost(long price) {
    return (int) (price >>> COST);
  }

  /// Returns what the execution asks of its reader.
  long price() {
    return price;
  }

  /// Returns whether the execution that has just ended wrongly is cheaper than all before that did;
  /// from now on, what is not cheaper than it is left out.
  boolean improved() {
    boolean cheaper = price < best;
    best = Math.min(best, price);
    return cheaper;
  }

  /// Returns whether tasks have been seen to do what may matter to decisions made before: the
  /// search must be repeated.
  boolean incomplete() {
    return conflicts != null && conflicts.grown();
  }

  @Override
  void begin(Execution execution) {
    decisions = 0;
    price = 0;
    asleep = 0;
  }

  @Override
  int pick(Execution execution, int enabled, int running) {
    boolean canStay = running >= 0 && (enabled & 1 << running) != 0;
    if (price >= best) {
      return PRUNE;
    }
    long more = running < 0 ? 0 : switches(1, canStay ? 1 : 0);
    boolean canSwitch = price + more < bound && !(canStay && idle(execution.tasks()[running]));
    int candidates = (canSwitch ? enabled : canStay ? 1 << running : 0) & ~asleep;
    if (candidates == 0) {
      return PRUNE;
    }
    int picked = decide(execution, candidates, running);
    if (picked != running) {
      price += more;
      if (canStay && conflicts != null) {
        asleep |= 1 << running;
      }
    }
    price++;
    return picked;
  }

  /// Returns whether it makes no difference if the task is interrupted before its next event.
  private boolean idle(ExploredTask task) {
    return conflicts != null && !conflicts.concern(task);
  }

  private int decide(Execution execution, int candidates, int running) {
    int usual = stay(candidates, running);
    int count = Integer.bitCount(candidates);
    if (count == 1) {
      return usual;
    }
    int at = decisions++;
    if (at >= given) {
      int[] tasks = new int[count];
      tasks[0] = usual;
      int next = 1;
      for (int rest = candidates & ~(1 << usual); rest != 0; rest &= rest - 1) {
        tasks[next++] = Integer.numberOfTrailingZeros(rest);
      }
      open(at, tasks);
    }
    int picked = options[at][chosen[at]];
    if ((candidates & 1 << picked) == 0) {
      throw new NondeterministicProgram(execution.tasks()[picked]);
    }
    return picked;
  }

  @Override
  int choose(Execution execution, ExploredTask task, int count, int[] keys) {
    if (count < 2 || price + surprises(1) >= bound) {
      return 0;
    }
    int at = decisions++;
    if (at >= given) {
      int[] alternatives = new int[count];
      Arrays.setAll(alternatives, i -> i);
      open(at, alternatives);
    }
    int choice = options[at][chosen[at]];
    if (choice > 0) {
      price += surprises(1);
    }
    return choice;
  }

  private void open(int at, int[] all) {
    if (at == chosen.length) {
      options = Arrays.copyOf(options, at * 2);
      chosen = Arrays.copyOf(chosen, at * 2);
    }
    options[at] = all;
    chosen[at] = 0;
    given = at + 1;
  }

  @Override
  void commit(Execution execution, ExploredTask task, @Nullable Message source, boolean stores) {
    if (conflicts == null) {
      return;
    }
    conflicts.add(task);
    for (int rest = asleep; rest != 0; rest &= rest - 1) {
      int sleeper = Integer.numberOfTrailingZeros(rest);
      if (task.pendingDependsOn(execution.tasks()[sleeper])) {
        asleep &= ~(1 << sleeper);
      }
    }
  }

  /// Prepares the next execution; returns false when there is none within the bound.
  @Override
  boolean advance() {
    for (int at = Math.min(given, decisions) - 1; at >= 0; at--) {
      if (++chosen[at] < options[at].length) {
        given = at + 1;
        return true;
      }
    }
    return false;
  }
}
