// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.Arrays;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import kvmlab.machine.PlainAccess;
import kvmlab.machine.Violation;
import org.jspecify.annotations.Nullable;

/// Finds data races on memory that is no location: fields, array elements, objects of the JDK.
///
/// The same vector clocks as for plain accesses of locations (see [RaceDetector]), and as complete:
/// these accesses are no events, so in each explored order of events, each race shows. Where there
/// is none, every read has one write that it can see, so no value depends on anything but the
/// events.
///
/// Memory is told apart by identity and lives as long as its execution.
final class PlainMemory {
  private final Map<Object, Shadow> shadows = new IdentityHashMap<>();
  private final Map<Object, Object> origins = new IdentityHashMap<>();
  private final Map<Object, String> names = new IdentityHashMap<>();

  /// What is known of one object: how it was used as a whole, and part by part.
  private static final class Shadow {
    private final Uses whole = new Uses();
    private final Map<Object, Uses> parts = new HashMap<>(4);

    boolean isShared(ExploredTask task, boolean writing) {
      return whole.isShared(task, writing)
          || parts.values().stream().anyMatch(uses -> uses.isShared(task, writing));
    }
  }

  /// The last read and write of each task: when, and where.
  private static final class Uses {
    private int[] reads = {};
    private int[] writes = {};
    private String[] readPlaces = {};
    private String[] writePlaces = {};

    /// Returns what of this races with a use by `task`, as `plain write by A at ...`; null if
    /// nothing does.
    @Nullable String conflict(Execution execution, ExploredTask task, boolean writing) {
      int writer = unordered(writes, task);
      if (writer >= 0) {
        return "plain write by " + execution.taskName(writer) + " at " + writePlaces[writer];
      }
      int reader = writing ? unordered(reads, task) : -1;
      return reader < 0
          ? null
          : "plain read by " + execution.taskName(reader) + " at " + readPlaces[reader];
    }

    private static int unordered(int[] epochs, ExploredTask task) {
      for (int i = 0; i < epochs.length; i++) {
        if (i != task.id() && epochs[i] > Clock.at(task.synced, i)) {
          return i;
        }
      }
      return -1;
    }

    /// Returns whether another task has used it, and one of the two writes.
    boolean isShared(ExploredTask task, boolean writing) {
      for (int i = 0; i < reads.length; i++) {
        if (i != task.id() && (writes[i] > 0 || writing && reads[i] > 0)) {
          return true;
        }
      }
      return false;
    }

    void add(ExploredTask task, boolean writing, String where) {
      int id = task.id();
      if (id >= reads.length) {
        reads = Arrays.copyOf(reads, id + 1);
        writes = Arrays.copyOf(writes, id + 1);
        readPlaces = Arrays.copyOf(readPlaces, id + 1);
        writePlaces = Arrays.copyOf(writePlaces, id + 1);
      }
      (writing ? writes : reads)[id] = Clock.at(task.synced, id);
      (writing ? writePlaces : readPlaces)[id] = where;
    }
  }

  /// Notes a use; reports a race with an earlier one.
  void use(
      Execution execution,
      ExploredTask task,
      Object memory,
      Object part,
      PlainAccess.Use use,
      String where) {
    Shadow shadow = shadows.computeIfAbsent(memory, any -> new Shadow());
    boolean writing = use.writes();
    String other = shadow.whole.conflict(execution, task, writing);
    Uses own = shadow.whole;
    if (part != PlainAccess.WHOLE) {
      own = shadow.parts.computeIfAbsent(part, any -> new Uses());
      other = other == null ? own.conflict(execution, task, writing) : other;
    } else {
      for (Uses uses : shadow.parts.values()) {
        other = other == null ? uses.conflict(execution, task, writing) : other;
      }
    }
    if (other != null) {
      String access = writing ? "plain write" : "plain read";
      execution.fail(
          Violation.of(
              Violation.Kind.DATA_RACE,
              null,
              "conflicting accesses to " + name(memory, part) + " are ordered by a lock",
              access + " by " + task + " at " + where + ", " + other));
    }
    // What is in this memory is no part of a state.
    if (execution.remembers() && shadow.isShared(task, writing)) {
      execution.leaveOut("no states that differ in " + name(memory, part));
    }
    own.add(task, writing, where);
    Object origin = origins.get(memory);
    if (origin != null) {
      use(execution, task, origin, PlainAccess.WHOLE, use.ofOrigin(), where);
    }
  }

  /// Notes that whoever uses `view` uses `origin`.
  void view(Object view, Object origin) {
    // The reverse of a reverse is the list itself again.
    for (Object shown = origin; shown != null; shown = origins.get(shown)) {
      if (shown == view) {
        return;
      }
    }
    origins.put(view, origin);
  }

  /// Notes that the field `name` holds `memory`.
  void name(Object memory, String name) {
    names.putIfAbsent(memory, name);
  }

  /// Returns how a report calls the memory: `RetryingFault.mmuSeq`, `element 2 of
  /// RetryingFault.log`, or by its type what no field holds, `an ArrayList`.
  private String name(Object memory, Object part) {
    if (part instanceof String field) {
      return field;
    }
    String whole = names.get(memory);
    if (whole == null) {
      String type = memory.getClass().getSimpleName();
      whole = ("AEIOUaeiou".indexOf(type.charAt(0)) < 0 ? "a " : "an ") + type;
    }
    return part == PlainAccess.WHOLE ? whole : "element " + part + " of " + whole;
  }
}
