// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kvmlab.machine.Kind;
import kvmlab.machine.Location;
import kvmlab.machine.SharedObject;

/// Which tasks do what with which object, as far as seen: an event that commutes with all that
/// other tasks ever do is no place to interrupt its task at.
///
/// What is seen counts from the next call of {@link #grown} on: a search that goes back to where it
/// has been must decide there as it did before.
final class Conflicts {

  /// What has been done with an object: a kind of event, and the set of tasks.
  private static final class Deed {
    private final Kind kind;
    private int tasks;
    private int counted;

    Deed(Kind kind) {
      this.kind = kind;
    }
  }

  private final Map<Integer, List<Deed>> byObject = new HashMap<>();
  private int watchedWriters;
  private int countedWatchedWriters;
  private boolean grown;

  /// Adds the event that `task` performs.
  void add(ExploredTask task) {
    int bit = 1 << task.id();
    Deed deed = deed(task.pending().id(), task.kind());
    if ((deed.tasks & bit) == 0) {
      deed.tasks |= bit;
      grown = true;
      watchedWriters |= writesWatched(task) ? bit : 0;
    }
  }

  private Deed deed(int object, Kind kind) {
    List<Deed> deeds = byObject.computeIfAbsent(object, id -> new ArrayList<>(2));
    for (Deed deed : deeds) {
      if (deed.kind == kind) {
        return deed;
      }
    }
    Deed deed = new Deed(kind);
    deeds.add(deed);
    return deed;
  }

  /// Returns whether another task has done what does not commute with the pending event of `task`.
  boolean concern(ExploredTask task) {
    int others = ~(1 << task.id());
    if (writesWatched(task) && (countedWatchedWriters & others) != 0) {
      return true;
    }
    SharedObject object = task.pending();
    for (Deed deed : byObject.getOrDefault(object.id(), List.of())) {
      if ((deed.counted & others) != 0 && !object.commutes(task.kind(), deed.kind)) {
        return true;
      }
    }
    return false;
  }

  /// Returns whether anything new has been seen since the last call; from now on it counts.
  boolean grown() {
    boolean was = grown;
    grown = false;
    byObject.values().forEach(deeds -> deeds.forEach(deed -> deed.counted = deed.tasks));
    countedWatchedWriters = watchedWriters;
    return was;
  }

  private static boolean writesWatched(ExploredTask task) {
    return task.pending() instanceof Location location
        && location.watched()
        && ((Location.Access) task.kind()).writes();
  }
}
