// SPDX-License-Identifier: MIT
package kvmlab.grade;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import kvmlab.grade.admit.Submission;
import kvmlab.grade.compile.Problem;
import kvmlab.grade.compile.SourceCompiler;
import kvmlab.grade.run.Job;
import kvmlab.grade.run.Limits;
import kvmlab.grade.run.WorkerCommand;
import kvmlab.grade.run.Workshop;

/// Grades submissions: compile, gate, run, score. Whoever calls it admits and reports.
///
/// Verdicts and points are counted against the manifest in this JVM; a worker JVM can only fail to
/// earn them.
public final class Grader implements AutoCloseable {

  private final Course course;
  private final Workshop workshop;
  private final SourceCompiler compiler = new SourceCompiler();

  private Grader(Course course, Workshop workshop) {
    this.course = course;
    this.workshop = workshop;
  }

  /// A grader with the standard worker and limits.
  ///
  /// @throws GraderFault if no worker can be started
  public static Grader open(Course course) throws GraderFault {
    return open(course, WorkerCommand.standard(), Limits.DEFAULT);
  }

  /// A grader that gives no verdict on scenarios that do not do the same again.
  ///
  /// @throws GraderFault if no worker can be started
  public static Grader openTwice(Course course) throws GraderFault {
    return open(course, WorkerCommand.standard().twice(), Limits.DEFAULT);
  }

  /// A grader whose first worker is on its way.
  ///
  /// @throws GraderFault if no worker can be started
  public static Grader open(Course course, WorkerCommand command, Limits limits)
      throws GraderFault {
    // First the process: it warms up while this JVM loads the compiler.
    Workshop workshop = Workshop.open(command, limits);
    return new Grader(course, workshop);
  }

  /// Grades `submission` on `exercises`.
  ///
  /// A fault of the grader ends the record with its outcome; checks without a result stay
  /// `not_run`.
  ///
  /// @throws GraderFault only if there is no manifest to count against
  public GradeRecord grade(Submission submission, List<Exercise> exercises, Progress progress)
      throws GraderFault {
    Map<Exercise, Manifest> manifests = new LinkedHashMap<>();
    for (Exercise exercise : exercises) {
      manifests.put(exercise, ManifestReader.read(exercise));
    }
    Tally tally = new Tally(course, submission, manifests);
    try {
      warm(manifests);
      for (Exercise exercise : exercises) {
        grade(submission, exercise, tally, progress);
      }
    } catch (GraderFault fault) {
      tally.outcome(fault.outcome());
      tally.note(fault.getMessage());
    }
    if (submission.files().isEmpty() && submission.notText().isEmpty()) {
      tally.outcome(Outcome.NOTHING_SUBMITTED);
    }
    return tally.record();
  }

  /// Jupiter, which nearly every check needs, is warmed up by every worker on its own.
  private void warm(Map<Exercise, Manifest> manifests) throws GraderFault {
    boolean properties =
        manifests.values().stream()
            .flatMap(manifest -> manifest.checks().stream())
            .anyMatch(check -> check.engine() == CheckSpec.Engine.JQWIK);
    if (properties) {
      workshop.warm(CheckSpec.Engine.JQWIK);
    }
  }

  private void grade(Submission submission, Exercise exercise, Tally tally, Progress progress)
      throws GraderFault {
    Map<String, String> sources = new TreeMap<>();
    for (String file : exercise.files()) {
      String unreadable = submission.notText().get(file);
      if (unreadable != null) {
        Problem problem = Problem.at(submission.shown(file), 0, "error: this file " + unreadable);
        doesNotCompile(exercise, List.of(problem), tally);
        return;
      }
      if (submission.files().containsKey(file)) {
        sources.put(file, submission.text(file));
      }
    }
    if (sources.isEmpty()) {
      tally.putAll(
          exercise,
          Status.NOT_RUN,
          Verdict.NOT_GRADED,
          "nothing handed in; expected " + String.join(", ", exercise.files()));
      return;
    }
    fillIn(exercise, sources, tally);
    progress.starting("compiling " + exercise.slug());
    Optional<Job> job = prepare(submission, exercise, sources, tally);
    if (job.isPresent()) {
      run(job.get(), exercise, tally, progress);
      boolean untouched = Stubs.isUntouched(exercise, sources);
      tally.verdict(exercise, untouched ? Verdict.TODO : tally.firstFailure(exercise));
    }
  }

  /// Takes the stub for a file that was not handed in.
  private static void fillIn(Exercise exercise, Map<String, String> sources, Tally tally) {
    Stubs.of(exercise)
        .forEach((file, stub) -> {
          if (!sources.containsKey(file)) {
            sources.put(file, stub);
            tally.note(file + " is missing: graded with the stub in its place");
          }
        });
  }

  /// Compiles and inspects; empty if the submission stops here.
  private Optional<Job> prepare(
      Submission submission, Exercise exercise, Map<String, String> sources, Tally tally)
      throws GraderFault {
    Build build = Build.of(compiler, exercise, sources, submission::shown);
    if (!build.compiled().ok()) {
      doesNotCompile(exercise, build.compiled().problems(), tally);
      return Optional.empty();
    }
    if (!build.refused().isEmpty()) {
      tally.putAll(
          exercise, Status.NOT_RUN, Verdict.FORBIDDEN, build.refused().getFirst().render());
      tally.problems(exercise, build.refused());
      tally.outcome(Outcome.REFUSED);
      return Optional.empty();
    }
    return Optional.of(build.job());
  }

  private static void doesNotCompile(Exercise exercise, List<Problem> problems, Tally tally) {
    tally.putAll(
        exercise,
        Status.COMPILE_ERROR,
        Verdict.DOES_NOT_COMPILE,
        problems.getFirst().place() + ": " + problems.getFirst().message());
    tally.problems(exercise, problems);
    tally.outcome(Outcome.COMPILE_ERROR);
  }

  private void run(Job job, Exercise exercise, Tally tally, Progress progress) throws GraderFault {
    for (CheckSpec check : tally.checks(exercise)) {
      progress.starting(check.id());
      TestResult result = workshop.check(job, check);
      tally.put(result);
      progress.checked(tally.soFar(), result);
    }
  }

  @Override
  public void close() {
    workshop.close();
  }
}
