// SPDX-License-Identifier: MIT
package kvmlab.explore;

import org.jspecify.annotations.Nullable;

/// Decides what runs next, and which alternative an event takes.
///
/// One strategy serves many executions, one after the other: {@link #begin} opens each. Sets of
/// tasks are bit masks.
abstract class Strategy {

  /// What {@link #pick} returns to give an execution up.
  static final int PRUNE = -1;

  void begin(Execution execution) {}

  /// Returns one task of `enabled`, which is not empty, or {@link #PRUNE}.
  ///
  /// @param running the task that ran last, or -1
  abstract int pick(Execution execution, int enabled, int running);

  /// Returns which of `count` alternatives the event of `task` takes, or {@link #PRUNE}. The keys
  /// name the alternatives across interleavings.
  int choose(Execution execution, ExploredTask task, int count, int[] keys) {
    return 0;
  }

  /// Called as the event of `task` takes effect.
  ///
  /// @param source the message that the event reads, where memory is weak
  /// @param stores whether the event writes memory
  void commit(Execution execution, ExploredTask task, @Nullable Message source, boolean stores) {}

  /// Called when no event will follow: all tasks are done, or stuck, or the execution is given up.
  void maximal(Execution execution) {}

  /// Returns the clock of the event that is taking effect.
  int[] eventClock() {
    return Clock.ZERO;
  }

  /// Returns the depth of the event that is taking effect.
  int eventDepth() {
    return -1;
  }

  /// Prepares the next execution; returns false when there is none.
  boolean advance() {
    return false;
  }

  /// Returns whether executions keep account of what decides their future, so that {@link
  /// Execution#describe} works.
  boolean remembers() {
    return false;
  }

  /// Called at each access to a location, where executions keep account.
  void accessed(
      Execution execution,
      ExploredTask task,
      ExploredLocation location,
      boolean plain,
      boolean writes) {}

  /// The default choice: go on with the task that ran last, else the lowest.
  static int stay(int enabled, int running) {
    return running >= 0 && (enabled & 1 << running) != 0
        ? running
        : Integer.numberOfTrailingZeros(enabled);
  }
}
