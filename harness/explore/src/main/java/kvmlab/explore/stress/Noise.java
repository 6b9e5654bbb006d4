// SPDX-License-Identifier: MIT
package kvmlab.explore.stress;

import java.util.concurrent.locks.LockSupport;

/// Delays at the events of one task, drawn from a generator of its own: a seed repeats the delays,
/// not the schedule.
///
/// Most events are not delayed at all: a race is hit when one task is slow in the wrong place and
/// the others are fast.
final class Noise {
  /// How many of 128 events are delayed; drawn anew for each task and round.
  private static final int[] RATES = {0, 2, 8, 32};

  private static final int SPINS_MAX = 512;
  private static final long PARK_NANOS_MAX = 50_000;

  private long state;
  private int rate;

  /// Begins anew for one task of one round. Without it, nothing is delayed.
  void seed(long seed, long round, int task) {
    state = mix(seed ^ mix(round ^ mix(task)));
    rate = RATES[draw() & 3];
  }

  /// Waits a little, or not at all. The caller holds no monitor.
  void make() {
    int drawn = draw();
    if ((drawn & 127) >= rate) {
      return;
    }
    switch (drawn >>> 7 & 63) {
      case 0 -> LockSupport.parkNanos(this, 1 + (drawn >>> 13) % PARK_NANOS_MAX);
      case 1, 2, 3, 4, 5, 6, 7 -> Thread.yield();
      default -> {
        for (int i = (drawn >>> 13) % SPINS_MAX; i > 0; i--) {
          Thread.onSpinWait();
        }
      }
    }
  }

  /// Returns 0 to `alternatives` - 1.
  int choose(int alternatives) {
    return Math.floorMod(draw(), alternatives);
  }

  private int draw() {
    state += 0x9e3779b97f4a7c15L;
    return (int) (mix(state) >>> 33);
  }

  /// SplitMix64.
  ///
  /// @source G. Steele, D. Lea and C. Flood, "Fast splittable pseudorandom number generators",
  ///   OOPSLA 2014
  private static long mix(long bits) {
    long mixed = (bits ^ bits >>> 30) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
    return mixed ^ mixed >>> 31;
  }
}
