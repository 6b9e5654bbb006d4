// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A part of a search that another thread may explore: all executions that begin with given
/// decisions and were not covered before them.
///
/// What lies in a subtree depends on what is given here only. What its exploration adds to the
/// nodes above it is kept as reports, for the search that gave it away.
final class Subtree {
  /// In place of the message of an event that has no alternatives.
  static final int NO_KEY = -1;

  /// A race of an event in the subtree with one above it: what {@link Search} adds for it depends
  /// on what has been added before.
  ///
  /// @param earlier the depth of the event above
  /// @param initials the tasks of which one must be tried there
  /// @param racer the task to be preferred
  record Race(int earlier, int initials, int racer) {}

  /// What an exploration of the whole subtree came to.
  ///
  /// @param tally what was counted and found
  /// @param races the races with events above, in the order of their discovery
  /// @param messages the messages that the first event may read; null where it chooses none
  record Outcome(Tally tally, List<Race> races, int @Nullable [] messages) {}

  final @Nullable Subtree parent;

  /// The task of each event from the root of the search to the first one of the subtree, and the
  /// alternatives that those before the first one take.
  final int[] tasks;

  final int[] keys;

  /// What is being tried at the nodes above, or has been.
  final int[] covered;

  /// Which tasks sleep at the first event.
  final Node sleepers;

  /// What its executions share.
  final Shared shared;

  private final int tasksKnown;

  /// With more executions than this it is of no use to anyone.
  private volatile long executionsMax;

  private volatile @Nullable Outcome outcome;
  private volatile boolean ended;
  private volatile boolean abandoned;

  Subtree(
      @Nullable Subtree parent,
      int[] tasks,
      int[] keys,
      int[] covered,
      Node sleepers,
      Shared shared,
      long executionsMax) {
    this.parent = parent;
    this.tasks = tasks;
    this.keys = keys;
    this.covered = covered;
    this.sleepers = sleepers;
    this.shared = shared;
    this.tasksKnown = shared.tasks();
    this.executionsMax = executionsMax;
  }

  /// Returns whether a search that comes here now finds what was foreseen.
  boolean isForeseen(Node now, Shared sharedNow) {
    return now.sleepsLike(sleepers)
        && (shared.tasks() == tasksKnown || sharedNow.tasks() == tasksKnown);
  }

  /// Returns the depth of the first event.
  int root() {
    return tasks.length - 1;
  }

  int task() {
    return tasks[root()];
  }

  /// Ends the exploration; null when it has been left unfinished.
  void end(@Nullable Outcome found) {
    outcome = found;
    ended = true;
  }

  boolean ended() {
    return ended;
  }

  /// Returns what exploring it came to, or null while that is not known.
  @Nullable Outcome outcome() {
    return outcome;
  }

  long executionsMax() {
    return executionsMax;
  }

  /// Says that less is enough to make the outcome useless.
  void executionsMax(long most) {
    executionsMax = most;
  }

  /// Says that nobody needs the outcome any more.
  void abandon() {
    abandoned = true;
  }

  boolean abandoned() {
    for (Subtree each = this; each != null; each = each.parent) {
      if (each.abandoned) {
        return true;
      }
    }
    return false;
  }
}
