// SPDX-License-Identifier: MIT
package kvmlab.cli;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import kvmlab.grade.Course;
import kvmlab.grade.Exercise;
import kvmlab.grade.Stressing;
import kvmlab.grade.admit.Submission;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `course stress EX`: the scenarios of an exercise on real threads.
@Command(
    name = "stress",
    description = "Run the scenarios of one exercise on real threads, again and again.",
    footer =
        "%nExit code 0: nothing wrong was seen, which proves nothing; 1: something was."
            + " No points hang on it.")
final class StressCommand implements Callable<Integer> {

  private static final double NANOS = 1e9;

  private final Desk desk;

  @Parameters(arity = "1", paramLabel = "EX", description = "ex02, ex02-retry or 2")
  private String exercise = "";

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "10",
      description = "How long, for all scenarios together; 10 by default.")
  private int seconds;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "What the delays are drawn from; 1 by default. It does not fix the schedules.")
  private long seed;

  StressCommand(Desk desk) {
    this.desk = desk;
  }

  @Override
  public Integer call() throws Exception {
    Course home = desk.course();
    if (seconds < 1) {
      throw new UsageError("--seconds takes 1 or more, not " + seconds);
    }
    Exercise asked = home.exercise(exercise);
    Submission submission = Submission.inPlace(home, List.of(asked));
    Stressing.Stress stress;
    try {
      stress = Stressing.stress(submission, asked, seed, Duration.ofSeconds(seconds), desk::show);
    } finally {
      desk.show("");
    }
    desk.print(
        stress.refusal().isEmpty()
            ? report(asked, stress)
            : stress.refusal().stripTrailing() + "\n");
    return stress.exitCode();
  }

  private String report(Exercise asked, Stressing.Stress stress) {
    List<String> lines = new ArrayList<>();
    int cores = Runtime.getRuntime().availableProcessors();
    lines.add(
        "%s on real threads: %d core%s, seed %d"
            .formatted(asked.slug(), cores, cores == 1 ? "" : "s", seed));
    lines.add("");
    lines.add(line("scenario", "threads", "rounds", "rounds/s", "events/s", "wrong"));
    for (Stressing.Row row : stress.rows()) {
      double taken = Math.max(1, row.nanos()) / NANOS;
      lines.add(
          line(
              row.scenario(),
              Integer.toString(row.threads()),
              grouped(row.rounds()),
              grouped(row.rounds() / taken),
              grouped(row.events() / taken),
              grouped(row.wrong())));
    }
    for (Stressing.Row row : stress.rows()) {
      if (!row.examples().isEmpty()) {
        lines.add("");
        lines.add(row.scenario());
        row.examples().lines().forEach(text -> lines.add(("  " + text).stripTrailing()));
      }
    }
    lines.add("");
    lines.add("watched " + stress.watchers());
    lines.add("Evidence, not points. What did not happen here is not shown to be impossible:");
    lines.add("- the other schedules: nothing is exhausted, and nothing here can be replayed");
    lines.add("- " + memory());
    lines.add("- data races on plain memory whose values happened to be right");
    lines.add("every schedule, and a token to replay a wrong one: ./course check " + asked.id());
    return String.join("\n", lines) + "\n";
  }

  private static String memory() {
    String machine = System.getProperty("os.arch");
    return switch (machine) {
      case "amd64", "x86_64", "x86" ->
          "memory weaker than x86: a read or write barrier that is missing never shows here";
      default -> "memory weaker than that of this machine, " + machine;
    };
  }

  private static String line(
      String scenario, String threads, String rounds, String each, String events, String wrong) {
    return "  %-28s %7s %11s %11s %11s %9s"
        .formatted(scenario, threads, rounds, each, events, wrong);
  }

  private static String grouped(double number) {
    return String.format(Locale.ROOT, "%,.0f", number);
  }
}
