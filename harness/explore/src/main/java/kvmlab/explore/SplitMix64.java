// SPDX-License-Identifier: MIT
package kvmlab.explore;

/// Random numbers that are the same on every JVM: a seed stands for one run, for ever.
///
/// @source G. Steele, D. Lea and C. Flood, "Fast splittable pseudorandom number generators", OOPSLA
///   2014
final class SplitMix64 {
  private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

  private long state;

  /// Starts again; near seeds give unlike numbers.
  void seed(long seed) {
    state = mix(seed);
  }

  /// Returns 64 random bits.
  long next() {
    state += GOLDEN_GAMMA;
    return mix(state);
  }

  /// Returns a number of 0 to `bound` - 1; none is likelier than another by more than 2^-32.
  int next(int bound) {
    return (int) ((next() >>> 32) * bound >>> 32);
  }

  boolean coin() {
    return next() < 0;
  }

  private static long mix(long bits) {
    long mixed = (bits ^ bits >>> 30) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
    return mixed ^ mixed >>> 31;
  }
}
