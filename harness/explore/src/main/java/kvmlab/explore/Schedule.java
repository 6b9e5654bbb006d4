// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.Arrays;

/// The decisions that make one execution: where it departs from the default, which is to go on with
/// the running task, else with the lowest, and to take the first alternative.
///
/// Decisions are counted where there is something to decide: more than one task that could move,
/// more than one alternative. So a schedule is for the very program that it was made for; what
/// outlives a change of the program is its {@link Route}.
public final class Schedule {
  /// The schedule that never departs from the default.
  static final Schedule DEFAULT = new Schedule(new int[0], new int[0]);

  private final int[] positions;
  private final int[] values;

  private Schedule(int[] positions, int[] values) {
    this.positions = positions;
    this.values = values;
  }

  /// Collects departures as an execution makes them.
  static final class Recorder {
    private int[] positions = new int[16];
    private int[] values = new int[16];
    private int departures;
    private int decisions;

    void decided(int value, int byDefault) {
      if (value != byDefault) {
        if (departures == positions.length) {
          positions = Arrays.copyOf(positions, departures * 2);
          values = Arrays.copyOf(values, departures * 2);
        }
        positions[departures] = decisions;
        values[departures++] = value;
      }
      decisions++;
    }

    Schedule schedule() {
      return new Schedule(Arrays.copyOf(positions, departures), Arrays.copyOf(values, departures));
    }
  }

  /// Returns the decision at `position`, or `byDefault` where the schedule does not depart.
  int decision(int position, int byDefault) {
    int at = Arrays.binarySearch(positions, position);
    return at < 0 ? byDefault : values[at];
  }

  /// Returns how often the schedule departs from the default.
  public int departures() {
    return positions.length;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Schedule that
        && Arrays.equals(positions, that.positions)
        && Arrays.equals(values, that.values);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(positions) * 31 + Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < positions.length; i++) {
      text.append(i == 0 ? "" : " ").append(positions[i]).append(':').append(values[i]);
    }
    return text.toString();
  }
}
