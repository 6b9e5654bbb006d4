// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import kvmlab.explore.Counterexample;
import kvmlab.explore.Explored;
import kvmlab.explore.Explorer;
import kvmlab.explore.MemoryModel;
import kvmlab.machine.Program;
import kvmlab.machine.Violation;

/// Explores a program and says what a sanitizer told of it.
final class Watched {
  private Watched() {}

  /// Returns what goes wrong in a simplest wrong execution.
  static Violation found(Program program) {
    Explorer explorer = explorer(program);
    Counterexample found =
        Objects.requireNonNull(explorer.explore().counterexample(), "nothing found");
    Violation again = explorer.replay(explorer.shorten(found).schedule()).violation();
    return Objects.requireNonNull(again, "not found again");
  }

  /// Returns what goes wrong when one task runs `task`.
  static Violation foundIn(Runnable task) {
    return found(setup -> setup.task("CPU 0", task));
  }

  /// Fails unless nothing goes wrong, in any execution.
  static void silent(Program program) {
    Explored explored = explorer(program).explore();
    assertThat(explored.counterexample()).isNull();
    assertThat(explored.exhausted()).isTrue();
  }

  /// Fails unless nothing goes wrong when one task runs `task`.
  static void silentIn(Runnable task) {
    silent(setup -> setup.task("CPU 0", task));
  }

  /// Returns how many of all complete executions go wrong.
  static long wrong(Program program) {
    long[] wrong = new long[1];
    explorer(program)
        .goOn()
        .onComplete((_, violation) -> wrong[0] += violation == null ? 0 : 1)
        .explore();
    return wrong[0];
  }

  private static Explorer explorer(Program program) {
    return new Explorer(program).model(MemoryModel.LKMM);
  }
}
