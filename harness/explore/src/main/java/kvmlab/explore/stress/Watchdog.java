// SPDX-License-Identifier: MIT
package kvmlab.explore.stress;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import kvmlab.machine.SharedObject;
import kvmlab.machine.Violation;
import org.jspecify.annotations.Nullable;

/// Waits for the end of a round, and says so when there will be none.
///
/// A deadlock is a fact, not a matter of patience: every live task waits for a grant, or has looked
/// several times at a condition that does not hold, and no event came between. Only a task that
/// runs on and on is given up after some time.
final class Watchdog {
  private static final long GLANCE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long UNWINDING_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final int LOOKS_MIN = 3;

  private final Crew crew;
  private final Round round;
  private final long patienceNanos;
  private List<Stuck> stuck = List.of();
  private @Nullable Glance standstill;

  /// How often each task had performed an event, and looked at its condition.
  private record Glance(List<Long> events, List<Integer> looked) {
    static Glance at(List<StressTask> tasks) {
      return new Glance(
          tasks.stream().map(StressTask::events).toList(),
          tasks.stream().map(task -> task.looks).toList());
    }

    int looks(StressTask task) {
      return looked.get(task.id());
    }
  }

  Watchdog(Crew crew, Round round, long patienceNanos) {
    this.crew = crew;
    this.round = round;
    this.patienceNanos = patienceNanos;
  }

  /// Waits for the end of every task, which it brings about if need be; returns whether all ended.
  boolean watch() {
    long start = System.nanoTime();
    while (!crew.await(GLANCE_NANOS)) {
      if (Thread.currentThread().isInterrupted()) {
        return unwind(null);
      }
      if (deadlocked()) {
        return unwind(Violation.Kind.DEADLOCK);
      }
      if (System.nanoTime() - start > patienceNanos) {
        return unwind(Violation.Kind.LIVELOCK);
      }
    }
    return true;
  }

  /// Returns where each task stood when the round was ended by force; empty if it was not.
  List<Stuck> stuck() {
    return stuck;
  }

  /// Returns whether every task waits, and has done nothing else since an earlier call.
  private boolean deadlocked() {
    List<StressTask> tasks = round.tasks();
    if (!tasks.stream().allMatch(StressTask::waits)) {
      standstill = null;
      return false;
    }
    Glance now = Glance.at(tasks);
    Glance first = standstill;
    if (first == null || !first.events().equals(now.events())) {
      standstill = now;
      return false;
    }
    for (StressTask task : tasks) {
      boolean looked = now.looks(task) - first.looks(task) >= LOOKS_MIN;
      if (task.doing == StressTask.Doing.AWAIT && !looked) {
        return false;
      }
    }
    return true;
  }

  private boolean unwind(Violation.@Nullable Kind kind) {
    Violation found = null;
    if (kind != null) {
      stuck = round.tasks().stream().filter(Watchdog::isLive).map(Watchdog::stuck).toList();
      String seen = String.join("; ", stuck.stream().map(Stuck::sentence).toList());
      found = Violation.of(kind, null, "every task comes to its end", seen);
    }
    round.stop(found);
    long start = System.nanoTime();
    while (!crew.await(GLANCE_NANOS)) {
      if (System.nanoTime() - start > UNWINDING_NANOS) {
        return false;
      }
    }
    return true;
  }

  private static boolean isLive(StressTask task) {
    return task.doing != StressTask.Doing.END;
  }

  private static Stuck stuck(StressTask task) {
    SharedObject object = task.object();
    String where = "runs on";
    if (task.waits() && object != null) {
      synchronized (object) {
        String why = object.waiting(task).why();
        where = "waits in " + Round.spell(task) + (why.isEmpty() ? "" : ", " + why);
      }
    }
    Thread thread = Objects.requireNonNull(task.thread);
    return new Stuck(task.name(), where, frames(thread.getStackTrace()));
  }

  /// Without the machinery below the program and above it.
  private static List<StackTraceElement> frames(StackTraceElement[] all) {
    List<StackTraceElement> frames = new ArrayList<>(Arrays.asList(all));
    frames.removeIf(frame -> {
      String type = frame.getClassName();
      return type.startsWith("java.")
          || type.startsWith("jdk.")
          || type.startsWith("kvmlab.machine.")
          || type.startsWith(Watchdog.class.getPackageName() + ".");
    });
    return List.copyOf(frames);
  }
}
