// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An execution as a list of turns, each of one task up to its n-th event, and of alternatives that
/// events take: a form that stays meaningful when parts of it are left out. What a turn that is
/// left out did, the next turn of its task does, or the end.
///
/// Each run also writes down what was really performed.
final class Turns extends Strategy {

  /// A turn, or an alternative that an event takes.
  ///
  /// @param task who
  /// @param until the number of events that the task has performed at the end of the turn; the
  ///   number of the event that takes the alternative
  /// @param alternative which, or 0 for a turn
  private record Part(int task, int until, int alternative) {}

  private final List<Part> wanted;
  private final @Nullable Strategy given;
  private final List<Part> performed = new ArrayList<>();
  private final Map<Long, Integer> alternatives = new HashMap<>();
  private final int[] passed = new int[32];
  private int next;
  private long price;

  /// Lets `given` decide.
  Turns(Strategy given) {
    this.given = given;
    this.wanted = List.of();
  }

  private Turns(List<Part> wanted) {
    this.given = null;
    this.wanted = wanted;
    for (Part part : wanted) {
      if (part.alternative() > 0) {
        alternatives.put(key(part.task(), part.until()), part.alternative());
      }
    }
  }

  /// Returns how many parts can be left out.
  int parts() {
    return given == null ? wanted.size() : performed.size();
  }

  /// Returns the turns without `size` of them from `from` on.
  Turns without(int from, int size) {
    List<Part> rest = new ArrayList<>(given == null ? wanted : performed);
    rest.subList(from, Math.min(from + size, rest.size())).clear();
    return new Turns(rest);
  }

  /// Returns the turns that were really taken.
  Turns asPerformed() {
    return new Turns(List.copyOf(performed));
  }

  /// Returns what the execution asks of its reader; see {@link SimplestSearch}.
  long price() {
    return price;
  }

  @Override
  void begin(Execution execution) {
    if (given != null) {
      given.begin(execution);
    }
  }

  @Override
  int pick(Execution execution, int enabled, int running) {
    int picked = given == null ? wanted(enabled, running) : given.pick(execution, enabled, running);
    if (picked < 0) {
      return picked;
    }
    if (picked != running && running >= 0) {
      price += SimplestSearch.switches(1, (enabled & 1 << running) == 0 ? 0 : 1);
    }
    price++;
    passed[picked]++;
    int last = performed.size() - 1;
    Part turn = new Part(picked, passed[picked], 0);
    if (last >= 0
        && performed.get(last).task() == picked
        && performed.get(last).alternative() == 0) {
      performed.set(last, turn);
    } else {
      performed.add(turn);
    }
    return picked;
  }

  private int wanted(int enabled, int running) {
    while (next < wanted.size()) {
      Part part = wanted.get(next);
      if (part.alternative() == 0
          && passed[part.task()] < part.until()
          && (enabled & 1 << part.task()) != 0) {
        return part.task();
      }
      next++;
    }
    return stay(enabled, running);
  }

  @Override
  int choose(Execution execution, ExploredTask task, int count, int[] keys) {
    int chosen =
        given == null
            ? alternatives.getOrDefault(key(task.id(), passed[task.id()]), 0)
            : given.choose(execution, task, count, keys);
    if (chosen >= count) {
      chosen = 0;
    }
    if (chosen > 0) {
      price += SimplestSearch.surprises(1);
      performed.add(new Part(task.id(), passed[task.id()], chosen));
    }
    return chosen;
  }

  private static long key(int task, int event) {
    return (long) task << 32 | event;
  }
}
