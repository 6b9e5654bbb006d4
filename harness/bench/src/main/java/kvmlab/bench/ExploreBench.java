// SPDX-License-Identifier: MIT
package kvmlab.bench;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import kvmlab.explore.Explored;
import kvmlab.explore.Explorer;
import kvmlab.explore.MemoryModel;
import kvmlab.explore.Reduction;
import kvmlab.kernel.LongCell;
import kvmlab.kernel.Spinlock;
import kvmlab.machine.Program;
import kvmlab.machine.Setup;

/// Executions per second of the explorer, by CPU time of its thread: the median of several runs.
///
/// `./mvnw -q -pl harness/bench -am process-classes -Pbench`
public final class ExploreBench {
  private static final int RUNS = 7;
  private static final int EXECUTIONS_MAX = 200_000;

  private record Row(String scenario, MemoryModel model, Reduction reduction, Program program) {}

  private record Timing(Explored explored, double seconds) {
    double executionsPerSecond() {
      return explored.executions() / seconds;
    }
  }

  private ExploreBench() {}

  /// Prints one row for each scenario, memory model and reduction.
  public static void main(String[] args) {
    System.out.printf(
        "%-26s %-5s %-12s %11s %9s %14s%n",
        "scenario", "model", "reduction", "executions", "CPU s", "executions/s");
    for (Row row : rows()) {
      List<Timing> timings = new ArrayList<>();
      for (int i = 0; i < RUNS; i++) {
        timings.add(time(row));
      }
      timings.sort(Comparator.comparingDouble(Timing::seconds));
      Timing median = timings.get(RUNS / 2);
      System.out.printf(
          Locale.ROOT,
          "%-26s %-5s %-12s %,11d %9.3f %,14.0f%n",
          row.scenario(),
          row.model().word(),
          row.reduction(),
          median.explored().executions(),
          median.seconds(),
          median.executionsPerSecond());
    }
  }

  private static List<Row> rows() {
    return List.of(
        new Row("cells, 3 tasks x 8 events", MemoryModel.SC, Reduction.NONE, ExploreBench::cells),
        new Row(
            "cells, 3 tasks x 8 events",
            MemoryModel.SC,
            Reduction.SOURCE_SETS,
            ExploreBench::cells),
        new Row(
            "cells, 3 tasks x 8 events",
            MemoryModel.LKMM,
            Reduction.SOURCE_SETS,
            ExploreBench::cells),
        new Row("locks, 3 tasks x 8 events", MemoryModel.SC, Reduction.NONE, ExploreBench::locks),
        new Row(
            "locks, 3 tasks x 8 events",
            MemoryModel.LKMM,
            Reduction.SOURCE_SETS,
            ExploreBench::locks));
  }

  private static Timing time(Row row) {
    long start = cpuNanos();
    Explored explored =
        new Explorer(row.program())
            .model(row.model())
            .reduction(row.reduction())
            .executionsMax(EXECUTIONS_MAX)
            .goOn()
            .explore();
    return new Timing(explored, (cpuNanos() - start) / 1e9);
  }

  private static long cpuNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  /// Three tasks that read their own cell and write all three.
  private static void cells(Setup setup) {
    LongCell[] cells = new LongCell[3];
    for (int i = 0; i < 3; i++) {
      cells[i] = new LongCell("cell " + i, 0);
    }
    for (int i = 0; i < 3; i++) {
      int task = i;
      setup.task(
          "task " + i,
          () -> {
            for (int k = 0; k < 4; k++) {
              cells[(task + k) % 3].writeOnce(k);
              cells[task].readOnce();
            }
          });
    }
  }

  /// Three tasks that increment a counter under a lock, four times each.
  private static void locks(Setup setup) {
    Spinlock lock = Spinlock.define("lock");
    LongCell counter = new LongCell("counter", 0).guardedBy(lock);
    for (int i = 0; i < 3; i++) {
      setup.task(
          "task " + i,
          () -> {
            for (int k = 0; k < 4; k++) {
              lock.lock();
              counter.set(counter.get() + 1);
              lock.unlock();
            }
          });
    }
  }
}
