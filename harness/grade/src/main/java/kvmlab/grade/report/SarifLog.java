// SPDX-License-Identifier: MIT
package kvmlab.grade.report;

import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import kvmlab.lab.TraceJson;
import kvmlab.lab.Walk;
import org.jspecify.annotations.Nullable;

/// Wrong executions as a SARIF 2.1.0 log: each is a result, its interleaving a code flow with a
/// thread flow for each task.
public final class SarifLog {
  private static final String SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json";

  private final JsonWriter json;
  private final Function<String, Optional<String>> paths;

  private SarifLog(JsonWriter json, Function<String, Optional<String>> paths) {
    this.json = json;
    this.paths = paths;
  }

  /// Returns the log.
  ///
  /// @param traces the wrong executions
  /// @param paths the file of a place, `ex02/RetryingFault.java:41`, from the root of the sources
  public static String of(List<TraceJson> traces, Function<String, Optional<String>> paths) {
    StringWriter text = new StringWriter();
    try (JsonWriter json = new JsonWriter(text)) {
      json.setIndent("  ");
      json.setHtmlSafe(false);
      new SarifLog(json, paths).log(traces);
    } catch (IOException e) {
      throw new AssertionError("a StringWriter does not fail", e);
    }
    return text + "\n";
  }

  private void log(List<TraceJson> traces) throws IOException {
    Map<String, TraceJson> rules = new LinkedHashMap<>();
    traces.forEach(trace -> rules.putIfAbsent(rule(trace), trace));
    json.beginObject();
    json.name("$schema").value(SCHEMA).name("version").value("2.1.0");
    json.name("runs").beginArray().beginObject();
    json.name("tool").beginObject().name("driver").beginObject();
    json.name("name").value("kvmlab");
    json.name("rules").beginArray();
    for (Map.Entry<String, TraceJson> rule : rules.entrySet()) {
      json.beginObject().name("id").value(rule.getKey());
      text("shortDescription", rule.getValue().statement());
      json.endObject();
    }
    json.endArray().endObject().endObject();
    json.name("columnKind").value("utf16CodeUnits");
    json.name("results").beginArray();
    for (TraceJson trace : traces) {
      result(trace, new ArrayList<>(rules.keySet()).indexOf(rule(trace)));
    }
    json.endArray().endObject().endArray().endObject();
  }

  private static String rule(TraceJson trace) {
    return trace.invariant() == null ? trace.verdict() : trace.invariant();
  }

  private void result(TraceJson trace, int ruleIndex) throws IOException {
    Walk walk = Walk.of(trace);
    json.beginObject();
    json.name("ruleId").value(rule(trace)).name("ruleIndex").value(ruleIndex);
    json.name("level").value("error");
    String cause = trace.likelyCause() == null ? "" : " Likely cause: " + trace.likelyCause() + ".";
    text("message", "Expected: " + trace.statement() + ". Seen: " + trace.seen() + "." + cause);
    json.name("locations").beginArray();
    String last =
        walk.stops().stream()
            .map(stop -> stop.step().place())
            .filter(place -> place != null && paths.apply(place).isPresent())
            .reduce(null, (before, place) -> place);
    if (last != null) {
      json.beginObject();
      physical(last);
      json.endObject();
    }
    json.endArray();
    json.name("partialFingerprints").beginObject();
    json.name("replayToken/v1").value(trace.token());
    json.endObject();
    json.name("codeFlows").beginArray().beginObject();
    text("message", "./course replay " + trace.token());
    json.name("threadFlows").beginArray();
    for (int task = 0; task < trace.tasks().size(); task++) {
      threadFlow(walk, task);
    }
    json.endArray().endObject().endArray();
    json.endObject();
  }

  /// A flow must have a location: a task that never moves has none.
  private void threadFlow(Walk walk, int task) throws IOException {
    if (walk.stops().stream().noneMatch(stop -> stop.step().task() == task)) {
      return;
    }
    json.beginObject().name("id").value(walk.trace().tasks().get(task));
    json.name("locations").beginArray();
    for (int i = 0; i < walk.stops().size(); i++) {
      Walk.Stop stop = walk.stops().get(i);
      if (stop.step().task() == task) {
        location(stop, i + 1);
      }
    }
    json.endArray().endObject();
  }

  private void location(Walk.Stop stop, int order) throws IOException {
    json.beginObject();
    json.name("executionOrder").value(order);
    json.name("nestingLevel").value(stop.step().depth());
    json.name("importance").value(stop.takesOver() ? "essential" : "important");
    json.name("location").beginObject();
    String place = stop.step().place();
    if (place != null && paths.apply(place).isPresent()) {
      physical(place);
    }
    text("message", stop.step().line());
    json.endObject();
    if (!stop.changed().isEmpty()) {
      json.name("state").beginObject();
      for (String object : stop.changed()) {
        text(object, stop.state().getOrDefault(object, ""));
      }
      json.endObject();
    }
    json.endObject();
  }

  private void physical(String place) throws IOException {
    json.name("physicalLocation").beginObject();
    json.name("artifactLocation").beginObject();
    json.name("uri").value(paths.apply(place).orElseThrow());
    json.name("uriBaseId").value("%SRCROOT%");
    json.endObject();
    json.name("region").beginObject();
    json.name("startLine").value(Integer.parseInt(place.substring(place.lastIndexOf(':') + 1)));
    json.endObject().endObject();
  }

  private void text(String name, @Nullable String words) throws IOException {
    json.name(name).beginObject().name("text").value(words).endObject();
  }
}
