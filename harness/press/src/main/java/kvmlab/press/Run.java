// SPDX-License-Identifier: MIT
package kvmlab.press;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the explorer found about one scenario: a file of schema `kvmlab/trace/v1`.
///
/// @param scenario the scenario, `ex02:FaultRacesUnmap`
/// @param token the way back to this very schedule, null where nothing was violated
/// @param verdict `PASS`, `FORBIDDEN` or `STUCK`
/// @param invariant id of the invariant that broke, where it was one
/// @param statement what should have held
/// @param seen what was seen instead
/// @param tasks heads of the lanes
/// @param steps the schedule, in order
/// @param explored what the explorer went through to find it
record Run(
    String schema,
    String scenario,
    @Nullable String token,
    String verdict,
    @Nullable String invariant,
    @Nullable String statement,
    @Nullable String seen,
    List<String> tasks,
    List<Step> steps,
    Explored explored) {

  private static final String SCHEMA = "kvmlab/trace/v1";

  /// One line of the schedule.
  ///
  /// @param task the lane
  /// @param kind `CALL`, `RETURN`, `SYNC`, `READ`, `WRITE`, `FENCE` or `NOTE`
  /// @param depth how many calls enclose the line
  /// @param text the line in C spelling
  /// @param object the cell or lock it is about
  /// @param value the value read or written, or what became of the lock
  record Step(
      int task,
      String kind,
      int depth,
      String text,
      @Nullable String object,
      @Nullable String value) {

    boolean is(String kind) {
      return this.kind.equals(kind);
    }

    /// The line as a reader wants it: a value that the text does not tell is added.
    String line() {
      if (value == null || text.contains(value)) {
        return text;
      }
      return switch (kind) {
        case "READ" -> text + " → " + value;
        case "WRITE" -> text + " = " + value;
        case "RETURN" -> text + " → " + value;
        case "SYNC" -> value.equals("waits") ? text + " waits" : text;
        default -> text;
      };
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

  /// The steps worth a line: a return that tells no value is only the end of its call.
  List<Step> lines() {
    return steps.stream().filter(step -> !step.is("RETURN") || step.value != null).toList();
  }
}
