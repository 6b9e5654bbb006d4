// SPDX-License-Identifier: MIT
package kvmlab.explore;

import org.jspecify.annotations.Nullable;

/// Draws executions at random: one run for each seed, the same run whenever it is drawn again.
///
/// Where memory is weak, an event takes the newest message with probability 1/2, else any: most
/// bugs need few stale reads, and a run that reads at random everywhere gets nowhere.
abstract class RandomStrategy extends Strategy {
  final SplitMix64 random = new SplitMix64();
  private boolean drewAlternatives;

  /// Prepares the run number `seed`.
  ///
  /// @param length how many events a run is expected to have at most
  void seed(long seed, int length) {
    random.seed(seed);
  }

  /// Returns what `runs` runs that found nothing guarantee, or null if nothing.
  ///
  /// @param length what {@link #seed} was told
  Sampled.@Nullable Guarantee guarantee(int tasks, int length, long runs) {
    return null;
  }

  @Override
  int choose(Execution execution, ExploredTask task, int count, int[] keys) {
    if (count < 2) {
      return 0;
    }
    drewAlternatives = true;
    boolean memory = task.pending() instanceof ViewLocation;
    return memory && random.coin() ? 0 : random.next(count);
  }

  /// Returns whether any event of any run had alternatives besides the order of the tasks.
  boolean drewAlternatives() {
    return drewAlternatives;
  }
}
