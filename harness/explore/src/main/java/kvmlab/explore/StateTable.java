// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.Arrays;

/// The states that have been seen.
///
/// A hash set with open addressing over primitive arrays: 16 bytes a place, three eighths to three
/// quarters of the places in use once it has grown. It keeps fingerprints of 128 bits, not states.
final class StateTable {

  /// What became of a state that was to be added.
  enum Added {
    NEW,
    KNOWN,
    FULL
  }

  private final int statesMax;

  // A place is free while both halves are 0.
  private long[] low = new long[1 << 10];
  private long[] high = new long[1 << 10];
  private int states;

  StateTable(int statesMax) {
    this.statesMax = statesMax;
  }

  Added add(long lowHalf, long highHalf) {
    int at = find(lowHalf, highHalf);
    if (low[at] != 0 || high[at] != 0) {
      return Added.KNOWN;
    }
    if (states >= statesMax) {
      return Added.FULL;
    }
    if (states >= low.length / 4 * 3) {
      grow();
      at = find(lowHalf, highHalf);
    }
    low[at] = lowHalf;
    high[at] = highHalf;
    states++;
    return Added.NEW;
  }

  int states() {
    return states;
  }

  /// Returns how much memory the table takes.
  long bytes() {
    return 2L * Long.BYTES * low.length;
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
    low = new long[oldLow.length * 2];
    high = new long[low.length];
    for (int i = 0; i < oldLow.length; i++) {
      if (oldLow[i] != 0 || oldHigh[i] != 0) {
        int at = find(oldLow[i], oldHigh[i]);
        low[at] = oldLow[i];
        high[at] = oldHigh[i];
      }
    }
  }
}
