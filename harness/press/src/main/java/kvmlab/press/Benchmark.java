// SPDX-License-Identifier: MIT
package kvmlab.press;

import static java.util.stream.Collectors.toSet;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jsoup.nodes.Element;
import org.jspecify.annotations.Nullable;

/// What `./course bench WHAT --format json` wrote: schema `kvmlab/bench/v1`.
///
/// @param machine where and when it was measured
/// @param rows the figures
record Benchmark(String schema, Machine machine, List<Row> rows) {
  static final String SCHEMA = "kvmlab/bench/v1";

  /// @param load how many programs wanted a processor, on average of the last minute
  record Machine(
      String date, String processor, int processors, String system, String java, double load) {}

  /// One figure; what a measure does not measure is null.
  ///
  /// @param missing why there is none
  /// @param note why it was not tried
  record Row(
      String tool,
      String scenario,
      String measure,
      @Nullable String model,
      @Nullable Double executions,
      @Nullable Double executions95,
      @Nullable Double executionsPerSecond,
      @Nullable Double executionsPerCpuSecond,
      @Nullable Double redundant,
      @Nullable Double states,
      @Nullable Double seconds,
      @Nullable Double peakMemoryKb,
      @Nullable Double tasks,
      @Nullable Double operationsPerSecond,
      @Nullable Double least,
      @Nullable Double most,
      @Nullable Double retriesPerSecond,
      @Nullable Double unrelated,
      @Nullable Double guest,
      @Nullable Boolean reached,
      @Nullable String outcome,
      @Nullable String missing,
      @Nullable String note) {

    private String name() {
      return model == null || model.equals("sc") ? tool : tool + ", " + model;
    }

    private boolean known() {
      return missing == null
          && !Objects.equals(reached, false)
          && (!measure.equals("first_bug") || Objects.equals(outcome, "bug"));
    }
  }

  /// @throws IOException if there is no such file, or it holds something else
  static Benchmark read(Path file) throws IOException {
    Benchmark benchmark;
    try {
      benchmark = new Gson().fromJson(Files.readString(file), Benchmark.class);
    } catch (JsonParseException e) {
      throw new IOException(file + " is no JSON", e);
    }
    if (benchmark == null || !SCHEMA.equals(benchmark.schema)) {
      throw new IOException(file + " is not of schema " + SCHEMA);
    }
    return benchmark;
  }

  /// Returns the rows of one measure; below them, once, each tool that took no part, and why.
  ///
  /// @throws IOException if nothing of that kind was measured
  Element table(String measure) throws IOException {
    Element scroll = new Element("div").addClass("scroll");
    Element table = scroll.appendElement("table");
    table.appendElement("caption").text(caption());
    if (Rates.measures(measure)) {
      rates(measure).fill(table);
    } else {
      fill(table, measure);
    }
    return scroll;
  }

  /// Returns the rows of one measure of the designs.
  ///
  /// @throws IOException if nothing of that kind was measured
  Rates rates(String measure) throws IOException {
    return Rates.of(measure, rows(measure));
  }

  private List<Row> rows(String measure) {
    return rows.stream().filter(row -> row.measure().equals(measure)).toList();
  }

  private void fill(Element table, String measure) throws IOException {
    List<Row> all = rows(measure);
    Set<String> present =
        all.stream().filter(row -> row.missing() == null).map(Row::name).collect(toSet());
    List<Row> wanted = all.stream().filter(row -> present.contains(row.name())).toList();
    Map<String, Set<String>> absent = new LinkedHashMap<>();
    for (Row row : all) {
      if (row.missing() != null && !present.contains(row.name())) {
        absent.computeIfAbsent(row.missing(), why -> new LinkedHashSet<>()).add(row.name());
      }
    }
    Element head = table.appendElement("thead").appendElement("tr");
    for (String title : titles(measure)) {
      head.appendElement("th").attr("scope", "col").text(title);
    }
    Element body = table.appendElement("tbody");
    for (Row row : wanted) {
      Element line = body.appendElement("tr");
      line.appendElement("td").text(row.scenario());
      line.appendElement("td").appendElement("code").text(row.name());
      if (row.known()) {
        for (String figure : figures(measure, row)) {
          line.appendElement("td").text(figure);
        }
      } else {
        String span = String.valueOf(titles(measure).size() - 2);
        line.appendElement("td").attr("colspan", span).text(reason(row));
      }
    }
    absent.forEach((why, tools) -> {
      Element line = body.appendElement("tr");
      line.appendElement("td").text("none");
      line.appendElement("td").appendElement("code").text(String.join(", ", tools));
      line.appendElement("td").attr("colspan", String.valueOf(head.childrenSize() - 2)).text(why);
    });
  }

  private String caption() {
    return String.format(
        Locale.ROOT,
        "Recorded on %s: %s, %d processors, load %.1f, %s, %s.",
        machine.date(),
        machine.processor(),
        machine.processors(),
        machine.load(),
        machine.system(),
        machine.java());
  }

  private static List<String> titles(String measure) throws IOException {
    return switch (measure) {
      case "speed" ->
          List.of("Scenario", "Tool", "Executions per second", "per CPU second", "Peak, MB");
      case "first_bug" -> List.of("Scenario", "Tool", "Executions", "95 of 100", "ms");
      case "exhaust" ->
          List.of("Scenario", "Tool", "Executions", "Redundant", "States", "s", "Peak, MB");
      case "cold" -> List.of("Scenario", "Tool", "ms");
      case "mmu_lock" -> List.of("Scenario", "Design", "Other memory", "Guest memory");
      default -> throw new IOException("no benchmark measures '" + measure + "'");
    };
  }

  private static List<String> figures(String measure, Row row) {
    return switch (measure) {
      case "speed" ->
          List.of(
              whole(row.executionsPerSecond()),
              whole(row.executionsPerCpuSecond()),
              megabytes(row));
      case "first_bug" ->
          List.of(whole(row.executions()), whole(row.executions95()), millis(row.seconds()));
      case "exhaust" ->
          List.of(
              whole(row.executions()),
              whole(row.redundant()),
              whole(row.states()),
              seconds(row.seconds()),
              megabytes(row));
      case "mmu_lock" -> List.of(count(row.unrelated()), count(row.guest()));
      default -> List.of(millis(row.seconds()));
    };
  }

  private static String reason(Row row) {
    if (row.missing() != null) {
      return row.missing();
    }
    if (row.note() != null) {
      return row.note();
    }
    return Objects.equals(row.reached(), true)
        ? "nothing was found"
        : "not within " + whole(row.seconds()) + " s, " + whole(row.executions()) + " executions";
  }

  private static String whole(@Nullable Double value) {
    return value == null || value == 0 ? "" : String.format(Locale.ROOT, "%,.0f", value);
  }

  private static String count(@Nullable Double value) {
    return value == null ? "" : String.format(Locale.ROOT, "%.0f", value);
  }

  private static String seconds(@Nullable Double value) {
    return value == null ? "" : String.format(Locale.ROOT, "%.4f", value);
  }

  private static String millis(@Nullable Double value) {
    return value == null ? "" : String.format(Locale.ROOT, "%,.1f", value * 1_000);
  }

  private static String megabytes(Row row) {
    Double kilobytes = row.peakMemoryKb();
    return kilobytes == null ? "" : whole(kilobytes / 1_024);
  }
}
