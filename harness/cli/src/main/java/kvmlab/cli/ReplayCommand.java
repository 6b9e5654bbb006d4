// SPDX-License-Identifier: MIT
package kvmlab.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import kvmlab.grade.Course;
import kvmlab.grade.Exercise;
import kvmlab.grade.Replaying;
import kvmlab.grade.admit.Submission;
import kvmlab.grade.report.SarifLog;
import kvmlab.lab.TraceJson;
import kvmlab.press.ReplayPage;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `course replay TOKEN`: one schedule again, on the code as it is now.
@Command(
    name = "replay",
    description = "Run one schedule again, on your code as it is now.",
    footer = "%nExit code 0: the schedule does no harm any more; 1: it still does.")
final class ReplayCommand implements Callable<Integer> {

  private final Desk desk;

  @Parameters(
      arity = "1",
      paramLabel = "TOKEN",
      description = "As a verdict printed it: ex02:FaultRacesUnmap:v1:...")
  private String token = "";

  @Option(
      names = "--step",
      description = "Walk through it, step by step, with the state after each.")
  private boolean step;

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "Write it as one page that needs nothing else.")
  private @Nullable Path html;

  @Option(
      names = "--sarif",
      paramLabel = "FILE",
      description = "Write it as a SARIF log, for editors and code scanners.")
  private @Nullable Path sarif;

  ReplayCommand(Desk desk) {
    this.desk = desk;
  }

  @Override
  public Integer call() throws Exception {
    Course home = desk.course();
    String[] parts = token.split(":", 4);
    if (parts.length < 4) {
      throw new UsageError(
          "'" + token + "' is no replay token; a verdict prints one, ex02:FaultRacesUnmap:v1:...");
    }
    Exercise exercise = home.exercise(parts[0]);
    Submission submission = Submission.inPlace(home, List.of(exercise));
    Replaying.Replay replay = Replaying.replay(submission, exercise, token);
    if (replay.trace().isEmpty()) {
      desk.print(replay.report().stripTrailing() + "\n");
      if (step || html != null || sarif != null) {
        desk.say("there is nothing to show of a schedule that does no harm");
      }
    } else {
      show(replay.trace().get(), replay.report(), new Sources(exercise, Path.of("")));
    }
    return replay.exitCode();
  }

  private void show(TraceJson trace, String report, Sources sources)
      throws IOException, UsageError {
    if (step) {
      walk(new Stepper(trace, sources));
    } else if (html == null && sarif == null) {
      desk.print(report.stripTrailing() + "\n");
    }
    Path page = html;
    if (page != null) {
      Path folder = folder(page);
      write(page, ReplayPage.of(trace, place -> sources.relative(place, folder)));
    }
    Path log = sarif;
    if (log != null) {
      Path root = sources.exercise().course();
      write(log, SarifLog.of(List.of(trace), place -> sources.relative(place, root)));
    }
  }

  private void walk(Stepper stepper) throws IOException {
    if (desk.terminal().isLive()) {
      Keyboard.walk(stepper);
    } else {
      desk.print(stepper.all());
    }
  }

  private static Path folder(Path file) {
    Path parent = file.toAbsolutePath().normalize().getParent();
    return parent == null ? file.toAbsolutePath() : parent;
  }

  private void write(Path file, String text) throws IOException, UsageError {
    if (!Files.isDirectory(folder(file))) {
      throw new UsageError("there is no folder for " + file + "; make it first");
    }
    Files.writeString(file, text);
    desk.print("written: " + file + "\n");
  }
}
