// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.function.Supplier;

/// A way to draw executions at random.
///
/// @see Explorer#sample
public final class Sampling {
  private final String word;
  private final Supplier<RandomStrategy> strategies;

  private Sampling(String word, Supplier<RandomStrategy> strategies) {
    this.word = word;
    this.strategies = strategies;
  }

  /// Returns partial order sampling, the best for bugs of unknown depth.
  public static Sampling pos() {
    return new Sampling("POS", Pos::new);
  }

  /// Returns probabilistic concurrency testing for bugs that `depth` constraints on the order of
  /// events make happen; it bounds the probability of missing one.
  public static Sampling pct(int depth) {
    if (depth < 1) {
      throw new IllegalArgumentException("a bug has a depth of 1 at least, not " + depth);
    }
    return new Sampling("PCT(" + depth + ")", () -> new Pct(depth));
  }

  /// Returns the random walk, which runs any task that can move.
  public static Sampling walk() {
    return new Sampling("random walk", RandomWalk::new);
  }

  RandomStrategy strategy() {
    return strategies.get();
  }

  /// Returns the name that reports print.
  @Override
  public String toString() {
    return word;
  }
}
