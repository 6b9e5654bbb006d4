// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.Arrays;

/// The states that have been seen, each with the set of tasks that slept there.
///
/// A hash table with open addressing over primitive arrays: 20 bytes a place, at least half of the
/// places in use once it has grown. It keeps fingerprints of 128 bits, not states.
final class StateTable {
  /// What {@link #place} returns when there is no room for another state.
  static final int FULL = Integer.MIN_VALUE;

  private static final int BYTES_PER_PLACE = 2 * Long.BYTES + Integer.BYTES;

  private final int statesMax;

  // A place is free while both halves are 0.
  private long[] low = new long[1 << 10];
  private long[] high = new long[1 << 10];
  private int[] sleeping = new int[1 << 10];
  private int states;

  StateTable(int statesMax) {
    this.statesMax = statesMax;
  }

  /// Returns the place of a state when it is known; if not, makes it known and returns the
  /// complement of its place, or {@link #FULL}.
  int place(long lowHalf, long highHalf) {
    int at = find(lowHalf, highHalf);
    if (low[at] != 0 || high[at] != 0) {
      return at;
    }
    if (states >= statesMax) {
      return FULL;
    }
    if (states >= low.length / 4 * 3) {
      grow();
      at = find(lowHalf, highHalf);
    }
    low[at] = lowHalf;
    high[at] = highHalf;
    states++;
    return ~at;
  }

  /// Returns the set of tasks that slept in the state at `place`.
  int sleeping(int place) {
    return sleeping[place];
  }

  void sleeping(int place, int tasks) {
    sleeping[place] = tasks;
  }

  int states() {
    return states;
  }

  /// Returns how much memory the table takes.
  long bytes() {
    return (long) low.length * BYTES_PER_PLACE;
  }

  void clear() {
    Arrays.fill(low, 0);
    Arrays.fill(high, 0);
    states = 0;
  }

  private int find(long lowHalf, long highHalf) {
    int mask = low.length - 1;
    int at = (int) (lowHalf ^ lowHalf >>> 29) & mask;
    while ((low[at] != lowHalf || high[at] != highHalf) && (low[at] != 0 || high[at] != 0)) {
      at = at + 1 & mask;
    }
    return at;
  }

  private void grow() {
    long[] oldLow = low;
    long[] oldHigh = high;
    int[] oldSleeping = sleeping;
    low = new long[oldLow.length * 2];
    high = new long[low.length];
    sleeping = new int[low.length];
    for (int i = 0; i < oldLow.length; i++) {
      if (oldLow[i] != 0 || oldHigh[i] != 0) {
        int at = find(oldLow[i], oldHigh[i]);
        low[at] = oldLow[i];
        high[at] = oldHigh[i];
        sleeping[at] = oldSleeping[i];
      }
    }
  }
}
