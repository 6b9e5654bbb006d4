// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.Objects;
import java.util.function.Function;
import kvmlab.machine.Violation;
import org.jspecify.annotations.Nullable;

/// Finds a simplest wrong execution of a program, given any.
///
/// Simplest is: fewest context switches, where an old value or an unusual input counts as two (see
/// {@link SimplestSearch}); among those, fewest of the latter, then fewest interruptions, then
/// fewest events, then the first in the order of the search. So the answer depends on the program
/// alone, not on the wrong execution that was found first; and a task that need not run never does.
///
/// Where the search does not end within its budget, the given execution is reduced instead, until
/// no turn of a task and no old value can be left out (see {@link Turns}). That answer is simple,
/// but it is another one where another execution was found first.
final class Simplifier {
  static final int EXECUTIONS_MAX = 20_000;
  static final long EVENTS_MAX = 1_500_000;

  private final Function<Strategy, Execution> runner;
  private int executions;
  private long events;

  /// @param runner runs the program under a strategy
  Simplifier(Function<Strategy, Execution> runner) {
    this.runner = runner;
  }

  Counterexample simplify(Counterexample found) {
    Turns turns = new Turns(new Replay(found.schedule()));
    run(turns);
    Counterexample simplest = search(SimplestSearch.cost(turns.price()));
    return simplest == null ? reduce(found, turns) : simplest;
  }

  /// Returns how many executions it took so far.
  int executions() {
    return executions;
  }

  private Execution run(Strategy strategy) {
    Execution execution = runner.apply(strategy);
    executions++;
    events += execution.events();
    return execution;
  }

  private boolean exhausted() {
    return executions >= EXECUTIONS_MAX || events >= EVENTS_MAX;
  }

  /// Returns the simplest wrong execution that costs at most `most`; null when the budget ends
  /// before one is found.
  private @Nullable Counterexample search(int most) {
    Conflicts conflicts = new Conflicts();
    for (int bound = 0; bound <= most; bound++) {
      SimplestSearch search;
      Counterexample best;
      do {
        search = new SimplestSearch(bound, conflicts);
        best = search(search);
        if (exhausted()) {
          return best;
        }
      } while (search.incomplete());
      if (best != null) {
        return best;
      }
    }
    return null;
  }

  private @Nullable Counterexample search(SimplestSearch search) {
    Counterexample best = null;
    do {
      Execution execution = run(search);
      Violation violation = execution.violation();
      if (violation != null && search.improved()) {
        best = new Counterexample(execution.schedule(), violation);
      }
    } while (!exhausted() && search.advance());
    return best;
  }

  // ---- reducing

  private Counterexample reduce(Counterexample found, Turns given) {
    Turns turns = given;
    Counterexample best = found;
    long least = turns.price();
    int most = 2 * EXECUTIONS_MAX;
    for (int size = Math.max(1, turns.parts() / 2); size >= 1; size /= 2) {
      for (int at = 0; at < turns.parts() && executions < most; ) {
        Turns shorter = turns.without(at, size);
        Execution execution = run(shorter);
        Violation violation = execution.violation();
        if (violation != null && alike(violation, found.violation()) && shorter.price() < least) {
          least = shorter.price();
          best = new Counterexample(execution.schedule(), violation);
          turns = shorter.asPerformed();
          // What could not be left out before may be now.
          at = size == 1 ? 0 : at;
        } else {
          at += size;
        }
      }
    }
    return best;
  }

  private static boolean alike(Violation one, Violation other) {
    return one.kind() == other.kind() && Objects.equals(one.invariant(), other.invariant());
  }
}
