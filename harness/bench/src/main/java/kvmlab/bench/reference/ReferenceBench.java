// SPDX-License-Identifier: MIT
package kvmlab.bench.reference;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kvmlab.bench.Fork;
import kvmlab.bench.Recording;
import kvmlab.kvm.design.Design;

/// `./course bench reference`: the designs of the invalidation protocol side by side, in turn, each
/// in a JVM of its own.
public final class ReferenceBench {
  /// What every row carries, because a figure without it misleads.
  private static final String NOTE =
      "on the stress engine: a lock that is waited for costs a context switch, so compare designs"
          + " within this run only";

  /// What is measured with so many tasks, over all rounds.
  private record Cell(String measure, int tasks, Design design) {}

  /// How a run is cut up.
  ///
  /// @param rounds how often each design is measured, in turn
  /// @param seconds for each figure
  /// @param warmUp seconds in each JVM before
  private record Plan(int rounds, double seconds, double warmUp) {}

  private final Plan plan;
  private final Recording recording = new Recording();
  private final Map<Cell, List<JsonObject>> seen = new LinkedHashMap<>();

  private ReferenceBench(Plan plan) {
    this.plan = plan;
  }

  /// `ReferenceBench [--quick|--long] [--format text|json] [--out FILE]`
  public static void main(String[] args) throws Exception {
    List<String> given = List.of(args);
    Plan plan =
        given.contains("--quick")
            ? new Plan(1, 0.1, 1)
            : given.contains("--long") ? new Plan(9, 1, 4) : new Plan(5, 0.3, 1);
    ReferenceBench bench = new ReferenceBench(plan);
    bench.measure();
    bench.recording.report(given, all -> new ReferenceTable(all).text());
  }

  private void measure() throws IOException, InterruptedException {
    List<Design> designs = List.of(Design.values());
    designs.forEach(this::count);
    int done = 0;
    for (int round = 0; round < plan.rounds(); round++) {
      for (Design design : designs) {
        done++;
        System.err.printf(
            "bench: %d of %d  %s%n", done, plan.rounds() * designs.size(), design.title());
        for (JsonObject row : rows(design)) {
          Cell cell =
              new Cell(row.get("measure").getAsString(), row.get("tasks").getAsInt(), design);
          seen.computeIfAbsent(cell, c -> new ArrayList<>()).add(row);
        }
      }
    }
    for (Workload workload : Workload.values()) {
      for (int tasks : workload.tasks()) {
        for (Design design : designs) {
          Cell cell = new Cell(workload.word(), tasks, design);
          recording.add(row(cell, seen.getOrDefault(cell, List.of())));
        }
      }
    }
  }

  private List<JsonObject> rows(Design design) throws IOException, InterruptedException {
    return Fork.rows(
        ReferenceWorker.class,
        design.name(),
        String.valueOf(plan.seconds()),
        String.valueOf(plan.warmUp()));
  }

  private void count(Design design) {
    Acquisitions counted = Acquisitions.of(design.ops());
    JsonObject row = new JsonObject();
    row.addProperty("tool", design.title());
    row.addProperty("scenario", "one invalidation");
    row.addProperty("measure", "mmu_lock");
    row.addProperty("unrelated", counted.unrelated());
    row.addProperty("guest", counted.guest());
    recording.add(row);
  }

  private static JsonObject row(Cell cell, List<JsonObject> measured) {
    JsonObject row = new JsonObject();
    row.addProperty("tool", cell.design().title());
    row.addProperty("scenario", cell.tasks() == 1 ? "1 task" : cell.tasks() + " tasks");
    row.addProperty("measure", cell.measure());
    row.addProperty("tasks", cell.tasks());
    if (measured.isEmpty()) {
      row.addProperty("missing", "its JVM ended without a result");
      return row;
    }
    double[] rates = sorted(measured, "operationsPerSecond");
    row.addProperty("operationsPerSecond", rates[rates.length / 2]);
    row.addProperty("least", rates[0]);
    row.addProperty("most", rates[rates.length - 1]);
    double[] retries = sorted(measured, "retriesPerSecond");
    row.addProperty("retriesPerSecond", retries[retries.length / 2]);
    row.addProperty("rounds", measured.size());
    row.addProperty("note", NOTE);
    return row;
  }

  private static double[] sorted(List<JsonObject> rows, String name) {
    double[] values = rows.stream().mapToDouble(row -> row.get(name).getAsDouble()).toArray();
    Arrays.sort(values);
    return values;
  }
}
