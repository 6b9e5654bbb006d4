// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import kvmlab.machine.Task;
import kvmlab.machine.Violation;
import kvmlab.machine.Wait;
import org.jspecify.annotations.Nullable;

/// What is said of an execution in which no task can move: who waits for whom, and what one calls
/// that.
///
/// A cycle of tasks that wait for each other is a deadlock, or what one of its waits is called.
/// When there is none, some task waits for something that nobody in particular does, and the wait
/// of that one gives the name.
final class Hang {
  private final List<ExploredTask> stuck;

  private Hang(ExploredTask[] tasks) {
    stuck = Arrays.stream(tasks).filter(task -> task.status != ExploredTask.Status.DONE).toList();
  }

  static Violation of(ExploredTask[] tasks) {
    return new Hang(tasks).violation();
  }

  private Violation violation() {
    List<ExploredTask> cycle = cycle();
    List<ExploredTask> told = cycle.isEmpty() ? stuck : cycle;
    boolean spinning = stuck.stream().anyMatch(ExploredTask::spinsInVain);
    String nameless = spinning ? "soft lockup" : "hung task";
    Optional<Wait> named =
        cycle.isEmpty()
            ? named(stuck, task -> on(task).isEmpty()).or(() -> named(stuck, _ -> true))
            : named(cycle, _ -> true);
    String name = named.map(Wait::name).orElse(cycle.isEmpty() ? nameless : "deadlock");
    return Violation.of(
            spinning ? Violation.Kind.LIVELOCK : Violation.Kind.DEADLOCK,
            named.map(Wait::invariant).orElse(null),
            "every task comes to its end",
            name + ": " + told.stream().map(Hang::line).collect(Collectors.joining("; ")))
        .reporting(report(cycle));
  }

  private static Optional<Wait> named(List<ExploredTask> tasks, Predicate<ExploredTask> which) {
    return tasks.stream()
        .filter(which)
        .map(Hang::wait)
        .filter(wait -> wait.name() != null)
        .findFirst();
  }

  private static Wait wait(ExploredTask task) {
    return task.pending().waiting(task);
  }

  /// Returns the stuck tasks that `task` waits for.
  private List<ExploredTask> on(ExploredTask task) {
    return stuck.stream().filter(wait(task).on()::contains).toList();
  }

  private static String line(ExploredTask task) {
    String why = wait(task).why();
    return task
        + (task.spinsInVain() ? " spins in " : " waits in ")
        + task.pending().spelling(task)
        + (why.isEmpty() ? "" : ", " + why);
  }

  /// Returns a shortest cycle of tasks each of which waits for the next; empty if there is none.
  private List<ExploredTask> cycle() {
    List<ExploredTask> shortest = List.of();
    for (ExploredTask task : stuck) {
      List<ExploredTask> found = cycle(task);
      if (!found.isEmpty() && (shortest.isEmpty() || found.size() < shortest.size())) {
        shortest = found;
      }
    }
    return shortest;
  }

  private List<ExploredTask> cycle(ExploredTask start) {
    List<ExploredTask> reached = new ArrayList<>(List.of(start));
    @Nullable ExploredTask[] from = new ExploredTask[stuck.getLast().id() + 1];
    for (int i = 0; i < reached.size(); i++) {
      ExploredTask task = reached.get(i);
      for (ExploredTask next : on(task)) {
        if (next == start) {
          List<ExploredTask> path = new ArrayList<>();
          for (ExploredTask step = task; step != null; step = from[step.id()]) {
            path.addFirst(step);
          }
          return path;
        }
        if (!reached.contains(next)) {
          from[next.id()] = task;
          reached.add(next);
        }
      }
    }
    return List.of();
  }

  private List<String> report(List<ExploredTask> cycle) {
    List<String> lines = new ArrayList<>();
    for (ExploredTask task : stuck) {
      lines.add("INFO: task " + task + " is blocked for ever.");
      lines.add("  " + line(task));
      task.calls().reversed().forEach(call -> lines.add("   in " + call));
    }
    if (!cycle.isEmpty()) {
      lines.add("");
      lines.add("Wait-for cycle:");
      String path = cycle.stream().map(Task::name).collect(Collectors.joining(" -> "));
      lines.add("  " + path + " -> " + cycle.getFirst());
    }
    List<String> held = stuck.stream().flatMap(task -> task.held().stream()).toList();
    if (!held.isEmpty()) {
      lines.add("");
      lines.add("Showing all locks held in the system:");
      lines.addAll(held);
    }
    return lines;
  }
}
