// SPDX-License-Identifier: MIT
package kvmlab.explore;

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
    int[] result = null;
    for (int i = 0; i < one.length; i++) {
      if (other[i] > one[i]) {
        if (result == null) {
          result = one.clone();
        }
        result[i] = other[i];
      }
    }
    return result == null ? one : result;
  }

  /// Returns the clock of the next event of `task`, which comes after `before`.
  static int[] next(int[] before, int task, int tasks) {
    int[] result = before.length == 0 ? new int[tasks] : before.clone();
    result[task]++;
    return result;
  }
}
