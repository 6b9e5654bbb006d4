// SPDX-License-Identifier: MIT
package kvmlab.cli;

import java.util.List;
import java.util.concurrent.Callable;
import kvmlab.grade.Course;
import kvmlab.grade.Exercise;
import kvmlab.grade.Replaying;
import kvmlab.grade.admit.Submission;
import picocli.CommandLine.Command;
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
    desk.print(replay.report().stripTrailing() + "\n");
    return replay.exitCode();
  }
}
