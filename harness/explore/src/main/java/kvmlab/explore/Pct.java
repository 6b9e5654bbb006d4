// SPDX-License-Identifier: MIT
package kvmlab.explore;

/// Probabilistic concurrency testing: every task has a random priority and the highest runs, except
/// that at `depth` - 1 random events the task about to run falls below all others.
///
/// A bug has depth d when d constraints on the order of events are enough to make it happen. With n
/// tasks, one run finds a bug of this depth that happens within k events with probability at least
/// 1 / (n k^(d-1)).
///
/// @source S. Burckhardt, P. Kothari, M. Musuvathi and S. Nagarakatte, "A randomized scheduler with
///   probabilistic guarantees of finding bugs", ASPLOS 2010
final class Pct extends RandomStrategy {
  private final long[] priorities = new long[32];
  private final int[] changes;
  private int prioritised;
  private int step;

  Pct(int depth) {
    this.changes = new int[depth - 1];
  }

  @Override
  void seed(long seed, int length) {
    super.seed(seed, length);
    // Not sorted: which change leaves a task lowest is part of what is drawn.
    for (int i = 0; i < changes.length; i++) {
      changes[i] = random.next(length);
    }
  }

  @Override
  void begin(Execution execution) {
    prioritised = 0;
    step = 0;
  }

  @Override
  int pick(Execution execution, int enabled, int running) {
    for (int rest = enabled & ~prioritised; rest != 0; rest &= rest - 1) {
      priorities[Integer.numberOfTrailingZeros(rest)] = changes.length + (random.next() >>> 2);
    }
    prioritised |= enabled;
    int picked = highest(enabled);
    for (int i = 0; i < changes.length; i++) {
      if (changes[i] == step) {
        priorities[picked] = i;
        picked = highest(enabled);
      }
    }
    step++;
    return picked;
  }

  private int highest(int enabled) {
    int highest = Integer.numberOfTrailingZeros(enabled);
    for (int rest = enabled & enabled - 1; rest != 0; rest &= rest - 1) {
      int task = Integer.numberOfTrailingZeros(rest);
      if (priorities[task] > priorities[highest]) {
        highest = task;
      }
    }
    return highest;
  }

  @Override
  Sampled.Guarantee guarantee(int tasks, int length, long runs) {
    double found = 1 / (tasks * Math.pow(length, changes.length));
    return new Sampled.Guarantee(changes.length + 1, length, Math.pow(1 - found, runs));
  }
}
