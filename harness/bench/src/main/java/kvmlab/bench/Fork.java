// SPDX-License-Identifier: MIT
package kvmlab.bench;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// JVMs for measurements: one for each, so that no tool profits or suffers from another.
public final class Fork {
  /// What a line begins with that is a row.
  public static final String MARK = "ROW ";

  private static final String JAVA =
      Path.of(System.getProperty("java.home"), "bin", "java").toString();
  private static final List<String> FLAGS =
      List.of(
          "-XX:+UseSerialGC",
          "-Xmx3g",
          "-Xlog:disable",
          "-Xlog:all=error:stderr",
          "--add-exports=java.base/jdk.internal.vm=ALL-UNNAMED",
          "--add-exports=java.base/jdk.internal.util=ALL-UNNAMED",
          "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "--enable-native-access=ALL-UNNAMED");

  /// What `./course` runs short JVMs with.
  private static final List<String> SHORT =
      List.of(
          "-XX:TieredStopAtLevel=1",
          "-XX:+UseSerialGC",
          "-Xlog:disable",
          "-Xlog:all=error:stderr",
          "--add-exports=java.base/jdk.internal.vm=ALL-UNNAMED");

  private Fork() {}

  /// Measures one cell and returns its row; a row with `missing` where there is none.
  static JsonObject measure(Cell cell, double warmUp, double seconds)
      throws IOException, InterruptedException {
    List<JsonObject> rows =
        rows(
            Worker.class,
            cell.measure().name(),
            cell.tool().type(),
            cell.scenario(),
            String.valueOf(seconds),
            String.valueOf(warmUp));
    if (!rows.isEmpty()) {
      return rows.getFirst();
    }
    JsonObject missing = new JsonObject();
    missing.addProperty("missing", "its JVM ended without a result");
    return missing;
  }

  /// Runs `worker` in a JVM of its own, and returns the rows that it prints.
  public static List<JsonObject> rows(Class<?> worker, String... args)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(JAVA));
    command.addAll(FLAGS);
    command.add("-Dkvmlab.bench.promela=" + System.getProperty("kvmlab.bench.promela", ""));
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(worker.getName());
    command.addAll(List.of(args));
    Process process = start(command);
    try (BufferedReader lines = lines(process)) {
      return lines
          .lines()
          .filter(line -> line.startsWith(MARK))
          .map(line -> JsonParser.parseString(line.substring(MARK.length())).getAsJsonObject())
          .toList();
    } finally {
      end(process);
    }
  }

  /// Returns the seconds from the start of a process until its line says what was found.
  static double coldStart(String scenario, Path cache) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(JAVA));
    command.addAll(SHORT);
    if (Files.exists(cache)) {
      command.add("-XX:AOTCache=" + cache);
    }
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(ColdStart.class.getName(), scenario));
    long begun = System.nanoTime();
    Process process = start(command);
    try (BufferedReader lines = lines(process)) {
      String line = lines.readLine();
      double seconds = (System.nanoTime() - begun) / 1e9;
      if (line == null || !line.startsWith(ColdStart.MARK)) {
        throw new IOException("no bug was found in " + scenario + ": " + line);
      }
      return seconds;
    } finally {
      end(process);
    }
  }

  /// Prepares a fast start, as `./course` does; without one, the JVM starts as ever.
  static void train(String scenario, Path cache) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(JAVA));
    command.addAll(SHORT);
    command.add("-XX:AOTCacheOutput=" + cache);
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(ColdStart.class.getName(), scenario));
    Process process = start(command);
    try (BufferedReader lines = lines(process)) {
      lines.lines().forEach(line -> {});
    } finally {
      process.waitFor();
    }
  }

  private static Process start(List<String> command) throws IOException {
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
  }

  private static BufferedReader lines(Process process) {
    return new BufferedReader(
        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  private static void end(Process process) throws InterruptedException {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    if (!process.waitFor(2, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
  }
}
