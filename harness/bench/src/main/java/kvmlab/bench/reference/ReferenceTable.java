// SPDX-License-Identifier: MIT
package kvmlab.bench.reference;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.Locale;
import kvmlab.bench.Recording;

/// The rows of one run as text: for each measure a line for each number of tasks and design, beside
/// the first design's.
final class ReferenceTable {
  private final JsonObject run;
  private final StringBuilder text = new StringBuilder();

  ReferenceTable(JsonObject run) {
    this.run = run;
  }

  String text() {
    line("%s", Recording.machine(run));
    line("%n%-42s %12s %12s", "mmu_lock taken by one invalidation", "other memory", "guest memory");
    for (JsonObject row : rows("mmu_lock")) {
      line(
          "%-42s %12d %12d",
          row.get("tool").getAsString(),
          row.get("unrelated").getAsLong(),
          row.get("guest").getAsLong());
    }
    for (Workload workload : Workload.values()) {
      workload(workload);
    }
    return text.toString();
  }

  private void workload(Workload workload) {
    line("%n%s", workload.title());
    line("%5s  %-34s %12s %25s %12s %8s", "tasks", "design", "median", "range", "retries", "ratio");
    double first = 0;
    int tasks = -1;
    for (JsonObject row : rows(workload.word())) {
      double rate = row.get("operationsPerSecond").getAsDouble();
      if (tasks != row.get("tasks").getAsInt()) {
        tasks = row.get("tasks").getAsInt();
        first = rate;
      }
      line(
          "%5d  %-34s %,12.0f %25s %,12.0f %8s",
          tasks,
          row.get("tool").getAsString(),
          rate,
          String.format(
              Locale.ROOT,
              "%,.0f..%,.0f",
              row.get("least").getAsDouble(),
              row.get("most").getAsDouble()),
          row.get("retriesPerSecond").getAsDouble(),
          first == 0 ? "" : String.format(Locale.ROOT, "%.2f", rate / first));
    }
  }

  private List<JsonObject> rows(String measure) {
    return run.getAsJsonArray("rows").asList().stream()
        .map(JsonElement::getAsJsonObject)
        .filter(row -> row.get("measure").getAsString().equals(measure) && !row.has("missing"))
        .toList();
  }

  private void line(String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
