// SPDX-License-Identifier: MIT
package kvmlab.bench;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/// The rows that a run of a benchmark comes to, and where they go.
public final class Recording {
  private final JsonArray rows = new JsonArray();

  /// Adds a row.
  public void add(JsonObject row) {
    rows.add(row);
  }

  /// Writes everything as `[--format text|json] [--out FILE]` of `args` says.
  ///
  /// @param table makes the text
  public void report(List<String> args, Function<JsonObject, String> table) throws IOException {
    JsonObject all = new JsonObject();
    all.addProperty("schema", "kvmlab/bench/v1");
    all.add("machine", Machine.describe());
    all.add("rows", rows);
    boolean json = option(args, "--format").orElse("text").equals("json");
    String report =
        json ? new GsonBuilder().setPrettyPrinting().create().toJson(all) + "\n" : table.apply(all);
    Optional<String> out = option(args, "--out");
    if (out.isPresent()) {
      Files.writeString(Path.of(out.get()), report);
    } else {
      System.out.print(report);
    }
  }

  /// Returns where and when `run` was made, as one line.
  public static String machine(JsonObject run) {
    JsonObject machine = run.getAsJsonObject("machine");
    return String.format(
        Locale.ROOT,
        "%s, %d processors, load %.1f; %s; %s",
        machine.get("processor").getAsString(),
        machine.get("processors").getAsInt(),
        machine.get("load").getAsDouble(),
        machine.get("java").getAsString(),
        machine.get("date").getAsString());
  }

  private static Optional<String> option(List<String> args, String name) {
    int at = args.indexOf(name);
    return at >= 0 && at + 1 < args.size() ? Optional.of(args.get(at + 1)) : Optional.empty();
  }
}
