// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.Arrays;

/// Vector clocks: entry i counts the events of task i that come before. Shorter means zeros.
final class Clock {
  static final int[] ZERO = {};

  private Clock() {}

  /// Returns the entry of a task.
  static int at(int[] clock, int task) {
    return task < clock.length ? clock[task] : 0;
  }

  /// Returns the pointwise maximum; one of the arguments itself where it is that.
  static int[] join(int[] one, int[] other) {
    if (other == one || other.length == 0) {
      return one;
    }
    if (one.length == 0) {
      return other;
    }
    int[] result = other.length > one.length ? Arrays.copyOf(one, other.length) : one;
    for (int i = 0; i < other.length; i++) {
      if (other[i] > result[i]) {
        if (result == one) {
          result = one.clone();
        }
        result[i] = other[i];
      }
    }
    return result;
  }

  /// Returns the clock of the next event of `task`, which comes after `before`; a new array of at
  /// least `tasks` entries.
  static int[] next(int[] before, int task, int tasks) {
    int[] result = Arrays.copyOf(before, Math.max(tasks, before.length));
    result[task]++;
    return result;
  }
}
