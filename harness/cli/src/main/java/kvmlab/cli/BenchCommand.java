// SPDX-License-Identifier: MIT
package kvmlab.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kvmlab.grade.Course;
import kvmlab.grade.GraderFault;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `course bench explore`: the explorer beside its peers; `course bench reference`: the designs of
/// the protocol side by side. Built when asked for, and run as a process of its own: nothing
/// depends on the benchmarks.
@Command(
    name = "bench",
    description =
        "Measure the explorer beside its peers, or the designs of the protocol side by side; each"
            + " in a JVM of its own.",
    footer = "%nA peer that is not to be had here is a row that says why.")
final class BenchCommand implements Callable<Integer> {
  private static final Map<String, String> BENCHES =
      Map.of(
          "explore", "kvmlab.bench.ExploreBench",
          "reference", "kvmlab.bench.reference.ReferenceBench");
  private static final Pattern UNREACHED =
      Pattern.compile("Could not (?:find|transfer) artifact (\\S+)");

  private final Desk desk;

  @Parameters(arity = "1", paramLabel = "WHAT", description = "explore or reference")
  private String what = "";

  @Option(names = "--quick", description = "One round, hardly warm: a minute or two.")
  private boolean quick;

  @Option(names = "--long", description = "Every size, more rounds, well warm: about 40 minutes.")
  private boolean whole;

  @Option(names = "--format", paramLabel = "NAME", description = "text (default) or json")
  private String format = "text";

  @Option(names = "--out", paramLabel = "FILE", description = "Write the report there.")
  private @Nullable Path out;

  BenchCommand(Desk desk) {
    this.desk = desk;
  }

  @Override
  public Integer call() throws Exception {
    String bench = BENCHES.get(what);
    if (bench == null) {
      throw new UsageError(
          "there is no benchmark '" + what + "'; there are: explore and reference");
    }
    if (!format.equals("text") && !format.equals("json")) {
      throw new UsageError("a benchmark's report is text or json, not '" + format + "'");
    }
    Course home = desk.course();
    desk.say("building the benchmarks");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    Optional<String> missing = build(home, what.equals("explore"));
    missing.ifPresent(reason -> command.add("-Dkvmlab.bench.no-peers=" + reason));
    Path folder = home.root().resolve("harness/bench");
    command.add("-Dkvmlab.bench.promela=" + folder.resolve("src/main/promela/notifier.pml"));
    command.add("-cp");
    command.add(
        folder.resolve("target/kvmlab-bench.jar")
            + File.pathSeparator
            + Files.readString(folder.resolve("target/class-path")).strip());
    command.add(bench);
    command.addAll(List.of("--format", format));
    if (quick) {
      command.add("--quick");
    }
    if (whole) {
      command.add("--long");
    }
    if (out != null) {
      command.addAll(List.of("--out", out.toString()));
    }
    return new ProcessBuilder(command).inheritIO().start().waitFor() == 0 ? 0 : 4;
  }

  /// Builds the benchmarks, with the peers if they are wanted; without them where they cannot be
  /// had, and returns why.
  private Optional<String> build(Course home, boolean peers)
      throws IOException, InterruptedException, GraderFault {
    String log = maven(home, peers ? "peers,bench" : "bench");
    if (log.isEmpty()) {
      return Optional.empty();
    }
    Matcher unreached = UNREACHED.matcher(log);
    if (!unreached.find()) {
      throw GraderFault.infrastructure("the benchmarks do not build:\n" + log);
    }
    String reason = "could not fetch " + unreached.group(1);
    desk.say(reason + ": going on without the peers that need it");
    String again = maven(home, "bench");
    if (!again.isEmpty()) {
      throw GraderFault.infrastructure("the benchmarks do not build:\n" + again);
    }
    return Optional.of(reason);
  }

  /// Returns what Maven said if it failed, else the empty string.
  private static String maven(Course home, String profiles)
      throws IOException, InterruptedException {
    Path log = Files.createTempFile("bench", ".log");
    ProcessBuilder maven =
        new ProcessBuilder(
                home.root().resolve("mvnw").toString(),
                "-q",
                "-DskipTests",
                "-Dharness.test.skip",
                "-P" + profiles,
                "-pl",
                "harness/bench",
                "-am",
                "package")
            .directory(home.root().toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    maven.environment().put("JAVA_HOME", System.getProperty("java.home"));
    boolean good = maven.start().waitFor() == 0;
    String said = Files.readString(log);
    Files.delete(log);
    return good ? "" : said;
  }
}
