// SPDX-License-Identifier: MIT
package kvmlab.bench;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The rows of one run as text, with the ratios that are the point of it.
final class Table {
  private final JsonObject run;
  private final StringBuilder text = new StringBuilder();

  Table(JsonObject run) {
    this.run = run;
  }

  String text() {
    line("%s", Recording.machine(run));
    speeds();
    firstBugs();
    exhaustions();
    cold();
    missing();
    return text.toString();
  }

  private void speeds() {
    title(Measure.SPEED);
    line("%-18s %-24s %14s %16s %10s", "scenario", "tool", "per second", "per CPU second", "MB");
    for (JsonObject row : rows(Measure.SPEED)) {
      line(
          "%-18s %-24s %,14.0f %,16.0f %10.0f",
          scenario(row),
          tool(row),
          number(row, "executionsPerSecond"),
          number(row, "executionsPerCpuSecond"),
          number(row, "peakMemoryKb") / 1024);
    }
    ratios();
  }

  /// Ours over the peer's, of this run, scenario by scenario.
  private void ratios() {
    for (JsonObject peer : rows(Measure.SPEED)) {
      if (tool(peer).startsWith("ours")) {
        continue;
      }
      for (JsonObject ours : rows(Measure.SPEED)) {
        if (tool(ours).equals("ours-exhaustive (sc)") && scenario(ours).equals(scenario(peer))) {
          line(
              "%s: ours-exhaustive / %s = %,.0f, by CPU time %,.0f",
              scenario(ours),
              tool(peer),
              number(ours, "executionsPerSecond") / number(peer, "executionsPerSecond"),
              number(ours, "executionsPerCpuSecond") / number(peer, "executionsPerCpuSecond"));
        }
      }
    }
    JsonObject one = null;
    for (JsonObject row : rows(Measure.SPEED)) {
      if (tool(row).startsWith("ours-pos (")) {
        one = row;
      } else if (tool(row).startsWith("ours-pos-2") && one != null) {
        line(
            "%s: ours-pos on 2 threads / on 1 = %.2f",
            scenario(row), number(row, "executionsPerSecond") / number(one, "executionsPerSecond"));
      }
    }
  }

  private void firstBugs() {
    title(Measure.FIRST_BUG);
    line("%-18s %-24s %12s %12s %12s %6s", "scenario", "tool", "executions", "95 %", "ms", "tries");
    for (JsonObject row : rows(Measure.FIRST_BUG)) {
      if (row.get("reached").getAsBoolean() && row.get("outcome").getAsString().equals("bug")) {
        line(
            "%-18s %-24s %,12.0f %,12.0f %12.1f %6.0f",
            scenario(row),
            tool(row),
            number(row, "executions"),
            number(row, "executions95"),
            number(row, "seconds") * 1_000,
            number(row, "tries"));
      } else {
        line("%-18s %-24s %s", scenario(row), tool(row), notFound(row));
      }
    }
  }

  private static String notFound(JsonObject row) {
    return row.get("reached").getAsBoolean()
        ? "not there: " + row.get("outcome").getAsString()
        : String.format(
            Locale.ROOT,
            "not within %.0f s, %,.0f executions",
            number(row, "seconds"),
            number(row, "executions"));
  }

  private void exhaustions() {
    title(Measure.EXHAUST);
    line(
        "%-18s %-24s %14s %10s %14s %10s %8s",
        "scenario", "tool", "executions", "redundant", "states", "s", "MB");
    for (JsonObject row : rows(Measure.EXHAUST)) {
      if (row.get("reached").getAsBoolean()) {
        line(
            "%-18s %-24s %,14.0f %,10.0f %,14.0f %10.4f %8.0f",
            scenario(row),
            tool(row),
            number(row, "executions"),
            number(row, "redundant"),
            number(row, "states"),
            number(row, "seconds"),
            number(row, "peakMemoryKb") / 1024);
      } else if (row.has("note")) {
        line("%-18s %-24s %s", scenario(row), tool(row), row.get("note").getAsString());
      } else {
        line("%-18s %-24s %s", scenario(row), tool(row), notFound(row));
      }
    }
  }

  private void cold() {
    title(Measure.COLD);
    for (JsonObject row : rows(Measure.COLD)) {
      line(
          "%-18s %-24s %12.0f ms from the start of the process",
          scenario(row), tool(row), number(row, "seconds") * 1_000);
    }
  }

  private void missing() {
    List<String> said = new ArrayList<>();
    for (JsonElement element : run.getAsJsonArray("rows")) {
      JsonObject row = element.getAsJsonObject();
      if (row.has("missing")) {
        String reason = tool(row) + ": " + row.get("missing").getAsString();
        if (!said.contains(reason)) {
          said.add(reason);
        }
      }
    }
    if (!said.isEmpty()) {
      line("%nmissing");
      said.forEach(reason -> line("%s", reason));
    }
  }

  private List<JsonObject> rows(Measure measure) {
    String word = measure.name().toLowerCase(Locale.ROOT);
    return run.getAsJsonArray("rows").asList().stream()
        .map(JsonElement::getAsJsonObject)
        .filter(row -> row.get("measure").getAsString().equals(word) && !row.has("missing"))
        .toList();
  }

  private static String scenario(JsonObject row) {
    return row.get("scenario").getAsString();
  }

  private static String tool(JsonObject row) {
    String model = row.has("model") ? " (" + row.get("model").getAsString() + ")" : "";
    return row.get("tool").getAsString() + model;
  }

  private static double number(JsonObject row, String name) {
    return row.has(name) ? row.get(name).getAsDouble() : 0;
  }

  private void title(Measure measure) {
    line("%n%s", measure.title());
  }

  private void line(String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }
}
