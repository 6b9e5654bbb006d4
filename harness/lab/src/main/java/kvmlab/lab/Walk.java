// SPDX-License-Identifier: MIT
package kvmlab.lab;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import kvmlab.machine.TraceEvent;

/// A trace to walk through: the steps worth showing, and how everything stands after each.
///
/// @param trace the trace
/// @param stops one for each step that is shown, in order
/// @param start how things stand before the first
public record Walk(TraceJson trace, List<Stop> stops, Map<String, String> start) {

  /// A step, and how things stand after it.
  ///
  /// @param step what has just happened
  /// @param takesOver whether another task moved before
  /// @param state each object that a shown step names, and how it stands in words
  /// @param changed the objects that stand otherwise than at the stop before
  public record Stop(
      TraceJson.Step step, boolean takesOver, Map<String, String> state, Set<String> changed) {}

  /// Prepares a walk through `trace`.
  public static Walk of(TraceJson trace) {
    Set<String> named = new LinkedHashSet<>();
    for (TraceJson.Step step : trace.steps()) {
      if (!step.aside() && step.object() != null && step.kind() != TraceEvent.Kind.NOTE) {
        named.add(step.object());
      }
    }
    Map<String, String> start = new LinkedHashMap<>();
    named.forEach(object -> start.put(object, "free"));
    apply(trace, trace.initial(), start);
    Map<String, String> state = new LinkedHashMap<>(start);
    Map<String, String> before = start;
    List<Stop> stops = new ArrayList<>();
    int last = -1;
    for (TraceJson.Step step : trace.steps()) {
      apply(trace, step.changes() == null ? List.of() : step.changes(), state);
      if (!step.aside()) {
        Map<String, String> now = new LinkedHashMap<>(state);
        stops.add(new Stop(step, step.task() != last, now, changed(before, now)));
        last = step.task();
        before = now;
      }
    }
    return new Walk(trace, List.copyOf(stops), start);
  }

  private static void apply(
      TraceJson trace, List<TraceJson.State> changes, Map<String, String> state) {
    for (TraceJson.State change : changes) {
      state.computeIfPresent(change.object(), (object, was) -> change.inWords(trace.tasks()));
    }
  }

  private static Set<String> changed(Map<String, String> before, Map<String, String> now) {
    Set<String> changed = new LinkedHashSet<>(now.keySet());
    changed.removeIf(object -> Objects.equals(now.get(object), before.get(object)));
    return changed;
  }

  /// Returns what came of it, in words: which invariant broke, what was seen, and what a sanitizer
  /// says of it.
  public String outcome() {
    String invariant = trace.invariant() == null ? "" : trace.invariant() + " broken: ";
    String report = trace.report() == null ? "" : "\n\n" + String.join("\n", trace.report());
    return trace.verdict() + "  " + invariant + trace.statement() + "\n" + trace.seen() + report;
  }

  /// Returns the steps as a table with a column for each task; a stop takes one line or more.
  ///
  /// @param width how many characters a line may have
  public List<Line> table(int width) {
    return TraceTable.lines(
        trace.tasks(), stops.stream().map(stop -> stop.step().event()).toList(), width);
  }

  /// A line of a table.
  ///
  /// @param stop the number of the stop it belongs to, from 0; -1 for the head
  /// @param text the line
  public record Line(int stop, String text) {}
}
