// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kvmlab.machine.Kind;
import kvmlab.machine.Location;
import kvmlab.machine.SharedObject;

/// What each task has been seen to do in any execution so far, and how late: so, what it may still
/// do, and which tasks need to be tried first in a state.
///
/// A set of tasks is _persistent_ in a state when nothing that the others can do, as long as those
/// in the set do not move, conflicts with what those in the set are about to do. Then it is enough
/// to try them there: whatever else is possible can come after.
final class Footprints {
  // A task's events are counted by its progress, which only rises. For each kind of event on each
  // object, and each task, the latest progress is kept at which the task announced such an event;
  // while its progress is not beyond that, it may do so again.
  //
  // Why learning on the way is sound. A search starts over whenever a task announces an event that
  // it was trusted not to announce any more. Suppose a search that ended so trusted wrongly, in a
  // state none of whose successors did: p was tried there, and w = e1 .. en, by tasks outside the
  // set, is possible, of which en is the first to conflict with p. Then e1 .. e(n-1) are possible
  // after p, too, and en is announced after them, at the same progress, because none of them
  // depends on p. The search covers everything that is possible after p, so en was announced in it,
  // and it started over: a contradiction.

  private static final int TASKS = Roster.TASKS_MAX;

  /// An event as a footprint: a kind on an object.
  private static final class Print {
    final Kind kind;

    /// By task: the latest progress at which it announced this, or -1.
    final long[] latest = filled(-1);

    /// By task: the latest progress at which it announced something that does not commute with
    /// this.
    final long[] conflict = filled(-1);

    /// By task: the least progress from which on it was taken to do nothing of the kind.
    final long[] trusted = filled(Long.MAX_VALUE);

    /// Whether this writes a watched location.
    final boolean watched;

    Print(Kind kind, boolean watched) {
      this.kind = kind;
      this.watched = watched;
    }

    private static long[] filled(long value) {
      long[] all = new long[TASKS];
      Arrays.fill(all, value);
      return all;
    }
  }

  private final List<Print> watched = new ArrayList<>();
  private Print[][] byObject = new Print[64][];
  private boolean mistaken;

  // The state that is being looked at.
  private final Print[] pending = new Print[TASKS];
  private final int[] conflicts = new int[TASKS];

  /// Returns whether a task has been seen to do what it was taken not to do.
  boolean mistaken() {
    return mistaken;
  }

  /// Takes everything that was trusted back; what was seen remains.
  void reconsider() {
    mistaken = false;
    for (Print[] prints : byObject) {
      if (prints != null) {
        for (Print print : prints) {
          Arrays.fill(print.trusted, Long.MAX_VALUE);
        }
      }
    }
  }

  /// Notes what every task has announced.
  void learn(ExploredTask[] tasks) {
    for (ExploredTask task : tasks) {
      if (task.status == ExploredTask.Status.READY) {
        Print print = print(task.pending(), task.kind());
        pending[task.id()] = print;
        learn(print, task.pending(), task.id(), task.progress());
        // What a task does is what its creator may still do while it has not created it.
        ExploredTask created = task;
        ExploredTask creator = created.creator;
        while (creator != null) {
          learn(print, task.pending(), creator.id(), created.createdAt);
          created = creator;
          creator = created.creator;
        }
      }
    }
  }

  private void learn(Print print, SharedObject object, int task, long progress) {
    if (progress > print.latest[task]) {
      print.latest[task] = progress;
      raise(print, object, task);
    }
  }

  private Print print(SharedObject object, Kind kind) {
    int id = object.id();
    if (id >= byObject.length) {
      byObject = Arrays.copyOf(byObject, id * 2);
    }
    Print[] known = byObject[id];
    if (known == null) {
      known = new Print[0];
    }
    for (Print print : known) {
      if (print.kind == kind) {
        return print;
      }
    }
    boolean watches =
        object instanceof Location location
            && location.watched()
            && ((Location.Access) kind).writes();
    Print print = new Print(kind, watches);
    byObject[id] = Arrays.copyOf(known, known.length + 1);
    byObject[id][known.length] = print;
    for (Print other : known) {
      if (!object.commutes(kind, other.kind)) {
        join(print, other);
      }
    }
    if (watches) {
      watched.forEach(other -> join(print, other));
      watched.add(print);
    }
    return print;
  }

  private static void join(Print print, Print conflicting) {
    for (int task = 0; task < TASKS; task++) {
      print.conflict[task] = Math.max(print.conflict[task], conflicting.latest[task]);
    }
  }

  /// Tells those that do not commute with `print` how late `task` does it.
  private void raise(Print print, SharedObject object, int task) {
    long progress = print.latest[task];
    Print[] same = byObject[object.id()];
    for (Print other : same) {
      if (!object.commutes(print.kind, other.kind)) {
        raise(other, task, progress);
      }
    }
    if (print.watched) {
      for (Print other : watched) {
        raise(other, task, progress);
      }
    }
  }

  private void raise(Print print, int task, long progress) {
    if (progress > print.conflict[task]) {
      print.conflict[task] = progress;
      mistaken |= progress >= print.trusted[task];
    }
  }

  /// Returns a smallest set of enabled tasks such that nothing that the other tasks do can conflict
  /// with what those in the set are about to do, as far as is known.
  ///
  /// Call {@link #learn} first.
  int persistent(ExploredTask[] tasks, int enabled, int preferred) {
    for (ExploredTask task : tasks) {
      if (task.status == ExploredTask.Status.READY) {
        conflicts[task.id()] = conflictsOf(tasks, task);
      }
    }
    int best = enabled;
    int bestClosed = -1;
    for (int rest = enabled; rest != 0; rest &= rest - 1) {
      int seed = Integer.numberOfTrailingZeros(rest);
      int closed = close(tasks, 1 << seed);
      int count = Integer.bitCount(closed & enabled);
      int least = Integer.bitCount(best);
      if (closed != -1 && (count < least || count == least && seed == preferred)) {
        best = closed & enabled;
        bestClosed = closed;
      }
    }
    if (bestClosed != -1 && best != enabled) {
      trust(tasks, bestClosed);
    }
    return best;
  }

  private int conflictsOf(ExploredTask[] tasks, ExploredTask of) {
    Print print = pending[of.id()];
    int result = 0;
    for (ExploredTask task : tasks) {
      if (task != of
          && task.status != ExploredTask.Status.DONE
          && print.conflict[task.id()] >= task.progress()) {
        result |= 1 << task.id();
      }
    }
    return result;
  }

  /// Adds to a set of tasks whoever conflicts with a task of it; returns -1 when that is a task
  /// that others will let go on, since what it does then is not known yet.
  private int close(ExploredTask[] tasks, int set) {
    int closed = set;
    int open = set;
    while (open != 0) {
      int task = Integer.numberOfTrailingZeros(open);
      open &= open - 1;
      if (tasks[task].status == ExploredTask.Status.BLOCKED) {
        return -1;
      }
      int more = conflicts[task] & ~closed;
      closed |= more;
      open |= more;
    }
    return closed;
  }

  private void trust(ExploredTask[] tasks, int closed) {
    for (int rest = closed; rest != 0; rest &= rest - 1) {
      Print print = pending[Integer.numberOfTrailingZeros(rest)];
      for (ExploredTask task : tasks) {
        if ((closed & 1 << task.id()) == 0 && task.status != ExploredTask.Status.DONE) {
          print.trusted[task.id()] = Math.min(print.trusted[task.id()], task.progress());
        }
      }
    }
  }
}
