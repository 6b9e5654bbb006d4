// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kvmlab.machine.Location;
import kvmlab.machine.SharedObject;
import kvmlab.machine.Violation;
import org.jspecify.annotations.Nullable;

/// Finds conflicting accesses to one location of which at least one is plain and which nothing
/// orders: a plain access may be torn, repeated or moved by the compiler.
///
/// Vector clocks with one epoch per task and kind of access. Complete for each explored order of
/// events, because plain accesses are no events themselves.
///
/// What conflicts is what KCSAN says in its strict mode: two marked accesses never do, nor do two
/// reads; a plain write of a word is not taken to be atomic.
///
/// @source C. Flanagan and S. Freund, "FastTrack", PLDI 2009
/// @kernel Documentation/dev-tools/kcsan.rst; tools/memory-model/Documentation/access-marking.txt
final class RaceDetector {

  private enum Access {
    PLAIN_READ("plain read", "read"),
    PLAIN_WRITE("plain write", "write"),
    MARKED_READ("marked read", "read (marked)"),
    MARKED_WRITE("marked write", "write (marked)");

    private final String word;
    private final String kcsan;

    Access(String word, String kcsan) {
      this.word = word;
      this.kcsan = kcsan;
    }
  }

  private final Location location;
  private int[] plainReads = Clock.ZERO;
  private int[] plainWrites = Clock.ZERO;
  private int[] markedReads = Clock.ZERO;
  private int[] markedWrites = Clock.ZERO;

  /// In which calls each task made its last access of each kind; null where no trace is recorded.
  private @Nullable List<String> @Nullable [][] calls;

  RaceDetector(Location location) {
    this.location = location;
  }

  void plainRead(Execution execution, ExploredTask task) {
    check(execution, task, Access.PLAIN_READ, plainWrites, Access.PLAIN_WRITE, null);
    check(execution, task, Access.PLAIN_READ, markedWrites, Access.MARKED_WRITE, null);
    plainReads = record(plainReads, task);
    remember(task, Access.PLAIN_READ);
  }

  /// Notes that `task` is about to write `value`.
  void plainWrite(Execution execution, ExploredTask task, Object value) {
    check(execution, task, Access.PLAIN_WRITE, plainWrites, Access.PLAIN_WRITE, value);
    check(execution, task, Access.PLAIN_WRITE, plainReads, Access.PLAIN_READ, value);
    check(execution, task, Access.PLAIN_WRITE, markedWrites, Access.MARKED_WRITE, value);
    check(execution, task, Access.PLAIN_WRITE, markedReads, Access.MARKED_READ, value);
    plainWrites = record(plainWrites, task);
    remember(task, Access.PLAIN_WRITE);
  }

  void markedRead(Execution execution, ExploredTask task) {
    check(execution, task, Access.MARKED_READ, plainWrites, Access.PLAIN_WRITE, null);
    markedReads = record(markedReads, task);
    remember(task, Access.MARKED_READ);
  }

  /// Notes that `task` is about to write `value`.
  void markedWrite(Execution execution, ExploredTask task, Object value) {
    check(execution, task, Access.MARKED_WRITE, plainWrites, Access.PLAIN_WRITE, value);
    check(execution, task, Access.MARKED_WRITE, plainReads, Access.PLAIN_READ, value);
    markedWrites = record(markedWrites, task);
    remember(task, Access.MARKED_WRITE);
  }

  private void check(
      Execution execution,
      ExploredTask task,
      Access access,
      int[] earlier,
      Access other,
      @Nullable Object value) {
    for (int i = 0; i < earlier.length; i++) {
      if (i != task.id() && earlier[i] > Clock.at(task.synced, i)) {
        String name = location.name();
        execution.fail(
            Violation.of(
                    Violation.Kind.DATA_RACE,
                    null,
                    "conflicting accesses to " + name + " are marked, or ordered by a lock",
                    access.word
                        + " by "
                        + task
                        + ", "
                        + other.word
                        + " by "
                        + execution.taskName(i))
                .reporting(report(task, access, execution.taskName(i), i, other, value)));
      }
    }
  }

  private static int[] record(int[] epochs, ExploredTask task) {
    int[] result = task.id() < epochs.length ? epochs : Arrays.copyOf(epochs, task.synced.length);
    result[task.id()] = task.synced[task.id()];
    return result;
  }

  // ---- the report

  private void remember(ExploredTask task, Access access) {
    if (!task.calls().isEmpty()) {
      @Nullable List<String>[][] all = calls == null ? none() : calls;
      int kind = access.ordinal();
      if (task.id() >= all[kind].length) {
        all[kind] = Arrays.copyOf(all[kind], task.id() + 1);
      }
      all[kind][task.id()] = task.calls();
      calls = all;
    }
  }

  @SuppressWarnings("unchecked")
  private static @Nullable List<String>[][] none() {
    return (List<String>[][]) new List<?>[Access.values().length][0];
  }

  private List<String> callsOf(int task, Access access) {
    @Nullable List<String>[][] all = calls;
    if (all == null || task >= all[access.ordinal()].length) {
      return List.of();
    }
    List<String> known = all[access.ordinal()][task];
    return known == null ? List.of() : known;
  }

  private List<String> report(
      ExploredTask task,
      Access access,
      String otherTask,
      int otherId,
      Access other,
      @Nullable Object value) {
    List<String> earlier = callsOf(otherId, other);
    List<String> now = task.calls();
    String title =
        earlier.isEmpty() || now.isEmpty()
            ? "BUG: KCSAN: data-race on " + location
            : "BUG: KCSAN: data-race in " + earlier.getLast() + " / " + now.getLast();
    List<String> lines = new ArrayList<>();
    lines.add("=".repeat(Math.max(50, title.length())));
    lines.add(title);
    lines.add("");
    lines.add(other.kcsan + " to " + location + " by " + otherTask + ":");
    earlier.reversed().forEach(call -> lines.add("  in " + call));
    lines.add("");
    lines.add(access.kcsan + " to " + location + " by " + task + ":");
    now.reversed().forEach(call -> lines.add("  in " + call));
    SharedObject guard = location.guard();
    if (guard != null || value != null) {
      lines.add("");
    }
    if (guard != null) {
      lines.add(location + " is guarded by " + guard);
    }
    if (value != null) {
      lines.add("value changed: " + location.latest() + " -> " + value);
    }
    return lines;
  }
}
