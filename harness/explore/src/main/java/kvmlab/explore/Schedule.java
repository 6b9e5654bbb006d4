// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.Arrays;

/// The decisions that make one execution: where it departs from the default, which is to go on with
/// the running task, else with the lowest, and to take the first alternative.
///
/// Decisions are counted where there is something to decide: more than one task that could move,
/// more than one alternative.
public final class Schedule {
  private static final String DIGITS = "0123456789abcdefghjkmnpqrstvwxyz";

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

  /// Returns the schedule as lower-case letters and digits, at most three to a departure for
  /// everyday ones; {@link #decode} reads them.
  public String encode() {
    StringBuilder text = new StringBuilder();
    int previous = 0;
    for (int i = 0; i < positions.length; i++) {
      number(text, positions[i] - previous);
      number(text, values[i]);
      previous = positions[i];
    }
    return text.toString();
  }

  /// Reads what {@link #encode} wrote.
  ///
  /// @throws IllegalArgumentException when `text` is nothing that it writes
  public static Schedule decode(String text) {
    int[] positions = new int[text.length()];
    int[] values = new int[text.length()];
    int count = 0;
    int position = 0;
    int[] at = {0};
    while (at[0] < text.length()) {
      position += number(text, at);
      positions[count] = position;
      values[count++] = number(text, at);
    }
    return new Schedule(Arrays.copyOf(positions, count), Arrays.copyOf(values, count));
  }

  // Numbers: digits of 16, lowest first, each but the last with 16 added.

  private static void number(StringBuilder text, int number) {
    int rest = number;
    while (rest >= 16) {
      text.append(DIGITS.charAt(rest % 16 + 16));
      rest /= 16;
    }
    text.append(DIGITS.charAt(rest));
  }

  private static int number(String text, int[] at) {
    int number = 0;
    for (int weight = 1; weight < 1 << 24; weight *= 16) {
      if (at[0] == text.length()) {
        throw new IllegalArgumentException("the schedule breaks off: " + text);
      }
      int digit = DIGITS.indexOf(text.charAt(at[0]++));
      if (digit < 0) {
        throw new IllegalArgumentException("not a schedule: " + text);
      }
      number += digit % 16 * weight;
      if (digit < 16) {
        return number;
      }
    }
    throw new IllegalArgumentException("a number too large in the schedule: " + text);
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
    return encode();
  }
}
