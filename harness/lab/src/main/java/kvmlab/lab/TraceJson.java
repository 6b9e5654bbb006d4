// SPDX-License-Identifier: MIT
package kvmlab.lab;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import java.util.List;
import kvmlab.machine.ObjectState;
import kvmlab.machine.Trace;
import kvmlab.machine.TraceEvent;
import org.jspecify.annotations.Nullable;

/// A finding as data, schema `kvmlab/trace/v1`: what the book draws and a page steps through. The
/// schema lies beside this class, `trace-v1.schema.json`.
///
/// @param scenario the scenario, `ex02:FaultRacesUnmap`
/// @param token the way back to this very schedule
/// @param model the memory model, `lkmm` or `sc`
/// @param verdict `FORBIDDEN` or `STUCK`
/// @param invariant id of the invariant that broke, where it was one
/// @param statement what should have held
/// @param seen what was seen instead
/// @param report what a sanitizer prints of it, line by line, where one does
/// @param likelyCause the mistake that the exercise guesses behind it
/// @param explanation the whole answer, as a terminal prints it
/// @param tasks names of the tasks
/// @param initial how the objects that the steps name stand at the start
/// @param steps what happens, in order
/// @param explored what the explorer went through to find it
public record TraceJson(
    String schema,
    String scenario,
    String token,
    String model,
    String verdict,
    @Nullable String invariant,
    String statement,
    String seen,
    @Nullable List<String> report,
    @Nullable String likelyCause,
    String explanation,
    List<String> tasks,
    List<State> initial,
    List<Step> steps,
    Explored explored) {

  /// The schema that this class reads and writes.
  public static final String SCHEMA = "kvmlab/trace/v1";

  private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().create();

  /// One line of the schedule; see {@link TraceEvent}.
  ///
  /// @param stale whether a read returned an older value than the newest
  /// @param aside whether a reader can do without the line
  /// @param changes what stands otherwise than after the step before
  public record Step(
      int task,
      TraceEvent.Kind kind,
      int depth,
      String text,
      @Nullable String object,
      @Nullable String value,
      boolean stale,
      boolean aside,
      @Nullable String place,
      @Nullable List<State> changes) {

    /// Returns the line, and what came of it.
    public String line() {
      return TraceTable.line(event());
    }

    TraceEvent event() {
      return new TraceEvent(task, kind, depth, text, object, value, stale, place, List.of());
    }

    /// Returns the name and line of the source file, without its folder; empty where in none.
    public String file() {
      return place == null ? "" : place.substring(place.lastIndexOf('/') + 1);
    }
  }

  /// How an object stands; see {@link ObjectState}. What is empty is left out.
  ///
  /// @param old for each task that may read an older value: which
  public record State(
      String object,
      @Nullable String value,
      @Nullable List<Integer> owners,
      @Nullable List<Integer> waiters,
      @Nullable List<ObjectState.Old> old) {

    /// Returns how the object stands, in words, without its name.
    public String inWords(List<String> tasks) {
      if (value != null) {
        return old == null ? value : value + old(tasks, old);
      }
      String holders = owners == null ? "free" : "held by " + names(tasks, owners);
      return waiters == null ? holders : holders + ", waited for by " + names(tasks, waiters);
    }

    private static String old(List<String> tasks, List<ObjectState.Old> old) {
      StringBuilder text = new StringBuilder();
      for (ObjectState.Old each : old) {
        text.append(", ").append(tasks.get(each.task())).append(" may read ");
        text.append(String.join(" or ", each.values()));
      }
      return text.toString();
    }

    private static String names(List<String> tasks, List<Integer> who) {
      return String.join(" and ", who.stream().map(tasks::get).toList());
    }
  }

  /// How far the explorer went.
  public record Explored(long schedules, boolean exhausted, String bound) {}

  /// Returns what an exploration found, as data.
  ///
  /// @throws java.util.NoSuchElementException when it found nothing
  static TraceJson of(Exploration exploration) {
    Finding finding = exploration.finding().orElseThrow();
    Trace trace = finding.trace();
    return new TraceJson(
        SCHEMA,
        exploration.scenario(),
        finding.token().toString(),
        exploration.model(),
        exploration.verdict(),
        finding.violation().invariant(),
        finding.violation().expected(),
        finding.violation().seen(),
        orNull(finding.violation().report()),
        finding.likelyCause().orElse(null),
        exploration.explain(),
        trace.tasks(),
        states(trace.initial()),
        trace.events().stream().map(event -> step(trace, event)).toList(),
        new Explored(exploration.schedules(), exploration.exhausted(), exploration.bound()));
  }

  private static Step step(Trace trace, TraceEvent event) {
    return new Step(
        event.task(),
        event.kind(),
        event.depth(),
        event.text(),
        event.object(),
        event.value(),
        event.stale(),
        !Essentials.essential(trace, event),
        event.place(),
        orNull(states(event.changes())));
  }

  private static List<State> states(List<ObjectState> states) {
    return states.stream()
        .map(state ->
            new State(
                state.object(),
                state.value(),
                orNull(state.owners()),
                orNull(state.waiters()),
                orNull(state.old())))
        .toList();
  }

  private static <T> @Nullable List<T> orNull(List<T> list) {
    return list.isEmpty() ? null : list;
  }

  /// Returns the text that {@link #read} reads.
  public String json() {
    return GSON.toJson(this);
  }

  /// Reads what {@link #json} wrote.
  ///
  /// @throws IllegalArgumentException when `json` is nothing of this schema
  public static TraceJson read(String json) {
    TraceJson read;
    try {
      read = GSON.fromJson(json, TraceJson.class);
    } catch (JsonParseException e) {
      throw new IllegalArgumentException("no trace: " + e.getMessage(), e);
    }
    if (read == null || !SCHEMA.equals(read.schema)) {
      throw new IllegalArgumentException("no trace of schema " + SCHEMA);
    }
    return read;
  }
}
