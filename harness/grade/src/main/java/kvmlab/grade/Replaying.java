// SPDX-License-Identifier: MIT
package kvmlab.grade;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import kvmlab.grade.admit.Printable;
import kvmlab.grade.admit.Submission;
import kvmlab.grade.compile.Problem;
import kvmlab.grade.compile.SourceCompiler;
import kvmlab.grade.run.Job;
import kvmlab.grade.run.Limits;
import kvmlab.grade.run.Message;
import kvmlab.grade.run.WorkerCommand;
import kvmlab.grade.run.Workshop;
import kvmlab.lab.TraceJson;

/// Runs one schedule again.
public final class Replaying {

  private static final int REPORT_MAX = 60_000;

  private Replaying() {}

  /// What a replay came to.
  ///
  /// @param report for the learner
  /// @param exitCode 0 if the schedule does no harm, 1 if it does, else as for a grade
  /// @param trace what happened, if it does harm
  public record Replay(String report, int exitCode, Optional<TraceJson> trace) {}

  /// Replays `token` on `submission`.
  ///
  /// @throws GraderFault if no replay can be had, and the submission is not to blame
  public static Replay replay(Submission submission, Exercise exercise, String token)
      throws GraderFault {
    try (Workshop workshop = Workshop.open(WorkerCommand.standard(), Limits.DEFAULT)) {
      Map<String, String> sources = new TreeMap<>(Stubs.of(exercise));
      for (String file : exercise.files()) {
        if (submission.files().containsKey(file)) {
          sources.put(file, submission.text(file));
        }
      }
      Build build = Build.of(new SourceCompiler(), exercise, sources, submission::shown);
      if (!build.compiled().ok()) {
        return refusal(
            Verdict.DOES_NOT_COMPILE, Outcome.COMPILE_ERROR, build.compiled().problems());
      }
      if (!build.refused().isEmpty()) {
        return refusal(Verdict.FORBIDDEN, Outcome.REFUSED, build.refused());
      }
      Message answer = workshop.replay(build.job(), scenario(exercise, token), token);
      return switch (answer.get("outcome")) {
        case "pass" -> replayed(answer, 0);
        case "fail" -> replayed(answer, 1);
        default -> replayed(answer, Outcome.NOTHING_SUBMITTED.exitCode());
      };
    }
  }

  /// Whether `token`, printed by a check of `job` in the same worker, replays to the same trace.
  ///
  /// @throws GraderFault if no replay can be had
  public static boolean isFaithful(Workshop workshop, Job job, Exercise exercise, String token)
      throws GraderFault {
    return workshop.replay(job, scenario(exercise, token), token).get("same").equals("true");
  }

  private static Replay refusal(Verdict verdict, Outcome outcome, List<Problem> problems) {
    String report = verdict.word() + "\n\n" + problems.getFirst().render();
    return new Replay(report, outcome.exitCode(), Optional.empty());
  }

  private static Replay replayed(Message answer, int exitCode) throws GraderFault {
    String trace = answer.find("trace");
    try {
      return new Replay(
          Printable.clip(answer.get("message"), REPORT_MAX),
          exitCode,
          Optional.ofNullable(trace).map(TraceJson::read));
    } catch (IllegalArgumentException e) {
      throw GraderFault.infrastructure("the replay answers with " + e.getMessage());
    }
  }

  /// The class of the scenario that a token names: `ex02:FaultRacesUnmap:v1:...`.
  private static String scenario(Exercise exercise, String token) {
    return exercise.id() + "." + token.split(":", 3)[1];
  }
}
