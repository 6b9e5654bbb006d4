// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kvmlab.machine.ObjectState;
import kvmlab.machine.SharedObject;
import org.jspecify.annotations.Nullable;

/// How the shared objects of one recorded execution stand: who holds a lock and who waits for it,
/// what a location holds and what may still be read of it.
///
/// Locks are known by what their events say of themselves: acquired, released, waits.
final class Standing {

  private static final class Holders {
    private final String name;
    private final List<Integer> owners = new ArrayList<>(2);
    private final List<Integer> waiters = new ArrayList<>(2);

    Holders(String name) {
      this.name = name;
    }
  }

  private final List<ExploredLocation> locations = new ArrayList<>();
  private final Map<Integer, Holders> held = new LinkedHashMap<>();
  private final Map<Integer, ObjectState> known = new LinkedHashMap<>();

  void add(ExploredLocation location) {
    locations.add(location);
  }

  /// The event of `task` on `object` had this effect.
  void became(SharedObject object, int task, @Nullable String effect) {
    if (object.quiet() || effect == null) {
      return;
    }
    Holders holders = held.computeIfAbsent(object.id(), id -> new Holders(object.name()));
    switch (effect) {
      case "acquired" -> holders.owners.add(task);
      case "released" -> holders.owners.remove((Integer) task);
      case "waits" -> holders.waiters.add(task);
      default -> {
        // Nothing that anybody holds or waits for.
      }
    }
  }

  /// `task` waits no longer.
  void granted(SharedObject object, ExploredTask task) {
    Holders holders = held.get(object.id());
    if (holders != null) {
      holders.waiters.remove((Integer) task.id());
      if ("acquired".equals(object.effect(task))) {
        holders.owners.add(task.id());
      }
    }
  }

  /// Returns what stands otherwise than at the last call.
  List<ObjectState> changes(ExploredTask[] tasks) {
    List<ObjectState> changes = new ArrayList<>();
    for (ExploredLocation location : locations) {
      if (!location.quiet()) {
        String value = String.valueOf(location.latest());
        List<ObjectState.Old> old = old(location, tasks);
        ObjectState now = new ObjectState(location.name(), value, List.of(), List.of(), old);
        note(location.id(), now, changes);
      }
    }
    held.forEach((id, holders) ->
        note(
            id,
            new ObjectState(holders.name, null, holders.owners, holders.waiters, List.of()),
            changes));
    return changes;
  }

  private static List<ObjectState.Old> old(ExploredLocation location, ExploredTask[] tasks) {
    List<ObjectState.Old> old = new ArrayList<>();
    for (ExploredTask task : tasks) {
      if (task.status != ExploredTask.Status.DONE) {
        List<String> values =
            location.older(task).stream().map(String::valueOf).distinct().toList();
        if (!values.isEmpty()) {
          old.add(new ObjectState.Old(task.id(), values));
        }
      }
    }
    return old;
  }

  private void note(int id, ObjectState now, List<ObjectState> changes) {
    if (!now.equals(known.put(id, now))) {
      changes.add(now);
    }
  }
}
