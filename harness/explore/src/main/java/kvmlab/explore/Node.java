// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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

  /// When the search came to the task that runs here, in its executions.
  long began;

  /// What of this node others explore, or null if nothing.
  @Nullable List<Subtree> elsewhere;

  void open(int enabledNow) {
    enabled = enabledNow;
    backtrack = 0;
    done = 0;
    sleep = 0;
    fullyAsleep = 0;
    sleepingKeys = null;
    alternatives = 0;
    chosen = 0;
    elsewhere = null;
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
    explored(task, messages());
  }

  /// Puts a task that has been explored here to sleep.
  ///
  /// @param messages those that its event has read, or null if it chooses none
  void explored(int who, int @Nullable [] messages) {
    done |= 1 << who;
    sleep |= 1 << who;
    if (messages != null) {
      int[] known = sleepingKeys(who);
      int[] all = messages;
      if (known != null) {
        all = Arrays.copyOf(known, known.length + messages.length);
        System.arraycopy(messages, 0, all, known.length, messages.length);
      }
      sleepWith(who, all);
    }
  }

  /// Returns the messages that the event here may read, or null if it chooses none.
  int @Nullable [] messages() {
    return messageChoice() ? Arrays.copyOf(keys, alternatives) : null;
  }

  /// Returns what is to be tried here and nobody has begun.
  int pending() {
    int given = 1 << task;
    if (elsewhere != null) {
      for (Subtree subtree : elsewhere) {
        given |= 1 << subtree.task();
      }
    }
    return backtrack & enabled & ~done & ~fullyAsleep & ~given;
  }

  /// Returns the subtree of `who` that others explore, or null.
  @Nullable Subtree elsewhere(int who) {
    if (elsewhere != null) {
      for (Subtree subtree : elsewhere) {
        if (subtree.task() == who) {
          return subtree;
        }
      }
    }
    return null;
  }

  void giveAway(Subtree subtree) {
    List<Subtree> all = elsewhere;
    if (all == null) {
      all = new ArrayList<>(2);
      elsewhere = all;
    }
    all.add(subtree);
  }

  /// Returns who will sleep here when the task that runs here has been explored, and after it those
  /// given away that come before `before`; null when that is not known yet.
  @Nullable Node sleepersBefore(int before, boolean weakMemory) {
    Node then = new Node();
    then.enabled = enabled;
    then.sleep = sleep;
    then.done = done;
    then.sleepingKeys = sleepingKeys == null ? null : sleepingKeys.clone();
    then.explored(task, messages());
    for (int who = 0; who < before; who++) {
      Subtree given = elsewhere(who);
      if (given != null && (then.done & 1 << who) == 0) {
        Subtree.Outcome outcome = given.outcome();
        if (outcome == null && weakMemory) {
          return null;
        }
        then.explored(who, outcome == null ? null : outcome.messages());
      }
    }
    return then;
  }

  /// Returns whether the same tasks sleep here and there, with the same messages.
  boolean sleepsLike(Node other) {
    if (sleep != other.sleep) {
      return false;
    }
    for (int rest = sleep; rest != 0; rest &= rest - 1) {
      int who = Integer.numberOfTrailingZeros(rest);
      if (!Arrays.equals(sleepingKeys(who), other.sleepingKeys(who))) {
        return false;
      }
    }
    return true;
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
