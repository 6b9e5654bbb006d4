// SPDX-License-Identifier: MIT
package kvmlab.kernel.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Generated programs: the explorer's memory does what the kernel's model allows to tasks that run
/// in order, and nothing else.
///
/// No outcome may be missing. Very few programs may have one too many; {@link DeviationsTest} shows
/// the two coincidences that it takes.
///
/// A longer run: `-Dkvmlab.cat.programs=100000 -Dkvmlab.cat.seed=1000000`.
class CatDifferentialTest {
  private static final int PROGRAMS = Integer.getInteger("kvmlab.cat.programs", 20_000);
  private static final long SEED = Long.getLong("kvmlab.cat.seed", 100_000);

  /// One program in so many has four tasks.
  private static final int BIG = 20;

  /// One program in so many may have an outcome that it should not have.
  private static final int INVENTED_ONE_IN = 5_000;

  @Test
  void machineDoesWhatTheModelAllows() {
    List<String> invented = new ArrayList<>();
    long outcomes = 0;
    long reordered = 0;
    int reorderedPrograms = 0;
    for (int i = 0; i < PROGRAMS; i++) {
      Comparison comparison = generated(SEED + i);
      if (!comparison.missed().isEmpty()) {
        Comparison smallest = comparison.shrink(smaller -> !smaller.missed().isEmpty());
        throw new AssertionError("seed %d, shrunk:%n%s".formatted(SEED + i, smallest));
      }
      if (!comparison.invented().isEmpty()) {
        Comparison smallest = comparison.shrink(smaller -> !smaller.invented().isEmpty());
        invented.add("seed %d, shrunk:%n%s".formatted(SEED + i, smallest));
        assertThat(invented).hasSizeLessThanOrEqualTo(Math.ceilDiv(PROGRAMS, INVENTED_ONE_IN));
      }
      outcomes += comparison.allowed().size();
      reordered += comparison.reordered().size();
      reorderedPrograms += comparison.reordered().isEmpty() ? 0 : 1;
    }
    System.out.printf(
        "cat: %,d programs with %,d outcomes; missed by running in order: %,d in %,d programs;"
            + " too many: %d programs%n",
        PROGRAMS, outcomes, reordered, reorderedPrograms, invented.size());
  }

  private static Comparison generated(long seed) {
    return Comparison.of(ProgramGenerator.generate(seed, seed % BIG == 0));
  }
}
