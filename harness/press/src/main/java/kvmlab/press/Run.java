// SPDX-License-Identifier: MIT
package kvmlab.press;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the explorer found about one scenario, as the book tells it: schema `kvmlab/trace/v1`.
///
/// The steps are those that a reader needs. This class knows none of the harness: it is read in
/// Maven's own JVM, which may be older than the harness.
///
/// @param scenario the scenario, `ex02:FaultRacesUnmap`
/// @param token the way back to this very schedule, null where nothing was violated
/// @param verdict `PASS`, `FORBIDDEN` or `STUCK`
/// @param invariant id of the invariant that broke, where it was one
/// @param statement what should have held
/// @param seen what was seen instead
/// @param likelyCause the mistake that the exercise guesses behind it
/// @param tasks heads of the lanes
/// @param steps the schedule, in order; empty where nothing was violated
/// @param explored what the explorer went through to find it
record Run(
    String schema,
    String scenario,
    @Nullable String token,
    String verdict,
    @Nullable String invariant,
    @Nullable String statement,
    @Nullable String seen,
    @Nullable String likelyCause,
    List<String> tasks,
    List<Step> steps,
    Explored explored) {

  static final String SCHEMA = "kvmlab/trace/v1";

  /// What may become of an attempt to take a lock, other than that it is taken.
  private static final List<String> REMARKABLE = List.of("waits", "granted", "busy");

  /// One line of the schedule.
  ///
  /// @param task the lane
  /// @param kind `CALL`, `RETURN`, `SYNC`, `READ`, `WRITE`, `FENCE` or `NOTE`
  /// @param depth how many calls enclose the line
  /// @param text the line in C spelling
  /// @param object the cell or lock it is about
  /// @param value the value read or written, or what became of the lock
  /// @param stale whether a read returned an older value than the newest
  record Step(
      int task,
      String kind,
      int depth,
      String text,
      @Nullable String object,
      @Nullable String value,
      boolean stale) {

    boolean is(String kind) {
      return this.kind.equals(kind);
    }

    /// The line, and what came of it.
    String line() {
      if (value == null) {
        return text;
      }
      if (is("READ")) {
        // Unbreakable, so that the value stays together, and with its arrow.
        String read = text + " →\u00a0" + value.replace(' ', '\u00a0');
        return stale ? read + ", stale" : read;
      }
      return is("SYNC") && REMARKABLE.contains(value) ? text + " " + value : text;
    }
  }

  /// How far the explorer went.
  ///
  /// @param bound the bound within which it looked
  record Explored(long schedules, boolean exhausted, String bound) {}

  /// @throws IOException if there is no such file, or it holds something else
  static Run read(Path file) throws IOException {
    Run run;
    try {
      run = new Gson().fromJson(Files.readString(file), Run.class);
    } catch (JsonParseException e) {
      throw new IOException(file + " is no JSON", e);
    }
    if (run == null || !SCHEMA.equals(run.schema)) {
      throw new IOException(file + " is not of schema " + SCHEMA);
    }
    return run;
  }

  /// A run in which nothing was violated.
  static Run passed(String scenario, String verdict, Explored explored) {
    return new Run(
        SCHEMA, scenario, null, verdict, null, null, null, null, List.of(), List.of(), explored);
  }

  String json() {
    return new Gson().toJson(this);
  }
}
