// SPDX-License-Identifier: MIT
package kvmlab.press;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import kvmlab.press.Benchmark.Row;
import org.jsoup.nodes.Element;
import org.jspecify.annotations.Nullable;

/// What `./course bench reference` measured of one kind: the designs side by side, by how many
/// tasks there were.
final class Rates {

  /// What a measure counts, and what its tasks do; null where it is no rate.
  private record Axes(String rate, String tasks) {}

  private static final Map<String, Axes> RATES =
      Map.of(
          "unrelated", new Axes("invalidations per second", "tasks that invalidate other memory"),
          "guest", new Axes("invalidations per second", "tasks that invalidate guest memory"),
          "faults", new Axes("faults per second", "vCPUs that fault"),
          "slots", new Axes("updates per second", "tasks that update memslots"),
          "storm", new Axes("faults per second", "tasks that invalidate other memory"),
          "slots_in_storm", new Axes("updates per second", "tasks that invalidate other memory"));

  private final Axes axes;
  private final List<Row> rows;

  private Rates(Axes axes, List<Row> rows) {
    this.axes = axes;
    this.rows = rows;
  }

  /// Returns whether `measure` is one of these.
  static boolean measures(String measure) {
    return RATES.containsKey(measure);
  }

  /// @param rows all rows of one measure
  /// @throws IOException if it is no rate
  static Rates of(String measure, List<Row> rows) throws IOException {
    Axes axes = RATES.get(measure);
    if (axes == null) {
      throw new IOException("there is no chart of '" + measure + "'");
    }
    if (rows.isEmpty()) {
      throw new IOException("nothing was measured of '" + measure + "'");
    }
    return new Rates(axes, rows.stream().filter(row -> row.missing() == null).toList());
  }

  /// Fills a table: a line for each number of tasks and each design.
  void fill(Element table) {
    boolean retries = rows.stream().anyMatch(row -> value(row.retriesPerSecond()) > 0);
    Element head = table.appendElement("thead").appendElement("tr");
    List<String> titles =
        new ArrayList<>(
            List.of(upper(axes.tasks()), "Design", upper(axes.rate()) + ", median", "Range"));
    if (retries) {
      titles.add("Of 100 faults start over");
    }
    for (String title : titles) {
      head.appendElement("th").attr("scope", "col").text(title);
    }
    Element body = table.appendElement("tbody");
    for (Row row : rows) {
      Element line = body.appendElement("tr");
      line.appendElement("td").text(whole(row.tasks()));
      line.appendElement("td").appendElement("code").text(row.tool());
      line.appendElement("td").text(whole(row.operationsPerSecond()));
      line.appendElement("td").text(whole(row.least()) + " to " + whole(row.most()));
      if (retries) {
        line.appendElement("td").text(whole(share(row)));
      }
    }
  }

  /// Draws the rates over the numbers of tasks, and says in words what is drawn.
  LineChart chart(boolean log) {
    Set<String> tasks = new LinkedHashSet<>();
    Map<String, Map<String, LineChart.Point>> lines = new LinkedHashMap<>();
    for (Row row : rows) {
      tasks.add(whole(row.tasks()));
      lines
          .computeIfAbsent(row.tool(), tool -> new LinkedHashMap<>())
          .put(
              whole(row.tasks()),
              new LineChart.Point(
                  value(row.operationsPerSecond()), value(row.least()), value(row.most())));
    }
    return new LineChart(axes.tasks(), axes.rate(), log, List.copyOf(tasks), lines);
  }

  private static double share(Row row) {
    double retries = value(row.retriesPerSecond());
    double all = retries + value(row.operationsPerSecond());
    return all == 0 ? 0 : 100 * retries / all;
  }

  private static double value(@Nullable Double figure) {
    return Objects.requireNonNullElse(figure, 0.0);
  }

  private static String whole(@Nullable Double figure) {
    return String.format(Locale.ROOT, "%,.0f", value(figure));
  }

  private static String upper(String words) {
    // Not of "vCPUs": a name keeps its case.
    return words.startsWith("vCPU")
        ? words
        : words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
  }
}
