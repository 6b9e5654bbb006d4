// SPDX-License-Identifier: MIT
package kvmlab.bench;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import kvmlab.bench.notifier.NotifierScenario;

/// `./course bench explore`: the explorer beside its peers, in turn, each in a JVM of its own.
///
/// Every tool runs the same protocols with the same oracle at the end. Tools that cannot run our
/// kernel run {@link kvmlab.bench.notifier.ThreadedNotifier}; Spin runs a model made by hand.
public final class ExploreBench {
  private final Plan plan;
  private final Recording recording = new Recording();
  private int ahead;
  private int done;

  private ExploreBench(Plan plan) {
    this.plan = plan;
  }

  /// `ExploreBench [--quick|--long] [--format text|json] [--out FILE]`
  public static void main(String[] args) throws Exception {
    List<String> given = List.of(args);
    Plan plan =
        given.contains("--quick")
            ? Plan.quick()
            : given.contains("--long") ? Plan.whole() : Plan.usual();
    ExploreBench bench = new ExploreBench(plan);
    bench.measure();
    bench.recording.report(given, all -> new Table(all).text());
  }

  private void measure() throws IOException, InterruptedException {
    List<Cell> speeds = present(plan.speeds());
    List<Cell> bugs = present(plan.firstBugs());
    List<Cell> spaces = present(plan.exhaustions());
    ahead = speeds.size() * plan.rounds() + bugs.size() + spaces.size() + 3 * plan.rounds();
    coldStarts();
    Map<Cell, List<JsonObject>> seen = new LinkedHashMap<>();
    for (int round = 0; round < plan.rounds(); round++) {
      for (Cell cell : speeds) {
        say(cell.toString());
        seen.computeIfAbsent(cell, c -> new ArrayList<>())
            .add(Fork.measure(cell, plan.warmUp(), plan.speed()));
      }
    }
    seen.forEach((cell, measured) -> add(cell, median(measured)));
    for (Cell cell : bugs) {
      say(cell.toString());
      boolean slow = cell.tool() == Contender.LINCHECK;
      add(cell, Fork.measure(cell, 0, slow ? plan.firstBug() * 5 : plan.firstBug()));
    }
    exhaust(spaces);
  }

  private void coldStarts() throws IOException, InterruptedException {
    Path cache = Files.createTempDirectory("kvmlab-bench").resolve("cold.aot");
    Fork.train("S1 1x1", cache);
    Map<String, List<JsonObject>> seen = new LinkedHashMap<>();
    for (int round = 0; round < plan.rounds(); round++) {
      for (String scenario : List.of("S1 1x1", "S3", "S4 1x1")) {
        say(Measure.COLD.title() + ", " + scenario);
        JsonObject row = new JsonObject();
        row.addProperty("seconds", Fork.coldStart(scenario, cache));
        seen.computeIfAbsent(scenario, s -> new ArrayList<>()).add(row);
      }
    }
    seen.forEach((scenario, measured) ->
        add(new Cell(Measure.COLD, Contender.OURS_EXHAUSTIVE, scenario), median(measured)));
    Files.deleteIfExists(cache);
    Files.deleteIfExists(cache.getParent());
  }

  /// Leaves out what is larger than what was not reached.
  private void exhaust(List<Cell> cells) throws IOException, InterruptedException {
    Map<Contender, List<String>> tooLarge = new HashMap<>();
    for (Cell cell : cells) {
      say(cell.toString());
      List<String> failed = tooLarge.computeIfAbsent(cell.tool(), tool -> new ArrayList<>());
      Optional<String> smaller =
          failed.stream().filter(f -> contains(cell.scenario(), f)).findFirst();
      JsonObject row;
      if (smaller.isPresent()) {
        row = new JsonObject();
        row.addProperty("reached", false);
        row.addProperty("note", "not tried: " + smaller.get() + " was not reached");
      } else {
        row = Fork.measure(cell, 0, plan.exhaust());
        if (!row.has("reached") || !row.get("reached").getAsBoolean()) {
          failed.add(cell.scenario());
        }
      }
      add(cell, row);
    }
  }

  private static boolean contains(String larger, String smaller) {
    NotifierScenario.Size a = NotifierScenario.size(larger);
    NotifierScenario.Size b = NotifierScenario.size(smaller);
    return NotifierScenario.protocol(larger).equals(NotifierScenario.protocol(smaller))
        && a.invalidators() >= b.invalidators()
        && a.vcpus() >= b.vcpus()
        && a.updaters() >= b.updaters();
  }

  /// Adds a row for each cell whose tool is missing, and returns the others.
  private List<Cell> present(List<Cell> cells) {
    List<Cell> present = new ArrayList<>();
    for (Cell cell : cells) {
      Optional<String> reason = cell.tool().missing();
      if (reason.isPresent()) {
        JsonObject row = new JsonObject();
        row.addProperty("missing", reason.get());
        add(cell, row);
      } else {
        present.add(cell);
      }
    }
    return present;
  }

  private void add(Cell cell, JsonObject measured) {
    JsonObject row = new JsonObject();
    row.addProperty("tool", cell.tool().word());
    row.addProperty("scenario", cell.scenario());
    row.addProperty("measure", cell.measure().name().toLowerCase(java.util.Locale.ROOT));
    if (cell.tool().ours()) {
      String model = NotifierScenario.named(cell.scenario()).model().word();
      row.addProperty("model", cell.tool().model().isEmpty() ? model : cell.tool().model());
    }
    measured.asMap().forEach(row::add);
    recording.add(row);
  }

  /// Returns the medians of all numbers, and everything else from the first row.
  private static JsonObject median(List<JsonObject> measured) {
    JsonObject result = new JsonObject();
    Set<String> names = new TreeSet<>();
    measured.forEach(row -> names.addAll(row.keySet()));
    for (String name : names) {
      List<JsonElement> values =
          measured.stream().filter(row -> row.has(name)).map(row -> row.get(name)).toList();
      JsonElement first = values.getFirst();
      if (first.getAsJsonPrimitive().isNumber()) {
        double[] sorted = values.stream().mapToDouble(JsonElement::getAsDouble).toArray();
        Arrays.sort(sorted);
        result.addProperty(name, sorted[sorted.length / 2]);
      } else {
        result.add(name, first);
      }
    }
    result.addProperty("rounds", measured.size());
    return result;
  }

  private void say(String what) {
    done++;
    System.err.printf("bench: %d of %d  %s%n", done, ahead, what);
  }
}
