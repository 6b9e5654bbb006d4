// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.Arrays;
import kvmlab.machine.Kind;
import kvmlab.machine.Location;
import kvmlab.machine.SharedObject;
import org.jspecify.annotations.Nullable;

/// One event of the execution that is being explored, with what has been tried and is left to try
/// in its place. Sets of tasks are bit masks.
final class Node {
  // What may run here, is to be tried, has been tried, and need not be tried.
  int enabled;
  int backtrack;
  int done;
  int sleep;

  /// Of the sleeping tasks, those whose every alternative sleeps.
  int fullyAsleep;

  /// For each sleeping task whose event reads weak memory: the messages that it need not read.
  int @Nullable [][] sleepingKeys;

  /// The task that runs here, and its alternatives.
  int task;

  int[] keys = Clock.ZERO;
  int alternatives;
  int chosen;

  // The event.
  int object;
  @Nullable SharedObject target;
  @Nullable Kind kind;
  boolean reads;
  boolean stores;
  boolean watched;
  int[] clock = Clock.ZERO;

  /// The value of the location before the event, and how often it had been written, for events that
  /// wait for one.
  Object before = "";

  long version;

  /// The event before on the same object, and the write before of any watched location; -1 none.
  int previous;

  int previousWatched;

  void open(int enabledNow) {
    enabled = enabledNow;
    backtrack = 0;
    done = 0;
    sleep = 0;
    fullyAsleep = 0;
    sleepingKeys = null;
    alternatives = 0;
    chosen = 0;
  }

  boolean messageChoice() {
    return target instanceof ViewLocation && reads;
  }

  void sleepWith(int sleeper, int[] messages) {
    int[][] all = sleepingKeys;
    if (all == null) {
      all = new int[32][];
      sleepingKeys = all;
    }
    all[sleeper] = messages;
  }

  int @Nullable [] sleepingKeys(int sleeper) {
    int[][] all = sleepingKeys;
    return all == null ? null : all[sleeper];
  }

  /// Puts the task that has been explored here to sleep.
  void explored() {
    done |= 1 << task;
    sleep |= 1 << task;
    if (messageChoice()) {
      int[] known = sleepingKeys(task);
      int[] all = Arrays.copyOf(keys, alternatives);
      if (known != null) {
        all = Arrays.copyOf(known, known.length + alternatives);
        System.arraycopy(keys, 0, all, known.length, alternatives);
      }
      sleepWith(task, all);
    }
  }

  /// Returns whether this event and the pending one of `other` may not be exchanged.
  boolean dependsOn(ExploredTask other) {
    SharedObject object = other.pending();
    if (object instanceof Location location) {
      boolean writes = ((Location.Access) other.kind()).writes();
      if (writes && watched && location.watched()) {
        return true;
      }
      if (location instanceof ViewLocation) {
        // Messages take the place of order: see the messages that sleep.
        return false;
      }
    }
    Kind mine = kind;
    return mine != null && object == target && !object.commutes(mine, other.kind());
  }
}
