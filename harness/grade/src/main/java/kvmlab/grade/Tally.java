// SPDX-License-Identifier: MIT
package kvmlab.grade;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import kvmlab.grade.admit.Digest;
import kvmlab.grade.admit.Submission;
import kvmlab.grade.compile.Problem;

/// A grade while it grows: starts from the manifests, with every check `not_run`.
final class Tally {

  private static final String GRADER_STOPPED = "the grader stopped before this check";

  private final Course course;
  private final Submission submission;
  private final Map<Exercise, Manifest> manifests;
  private final Map<String, TestResult> results = new LinkedHashMap<>();
  private final Map<Exercise, Verdict> verdicts = new LinkedHashMap<>();
  private final Map<Exercise, List<Problem>> problems = new LinkedHashMap<>();
  private final List<String> notes;
  private Outcome outcome = Outcome.GRADED;

  Tally(Course course, Submission submission, Map<Exercise, Manifest> manifests) {
    this.course = course;
    this.submission = submission;
    this.manifests = manifests;
    this.notes = new ArrayList<>(submission.notes());
    manifests.forEach((exercise, manifest) -> {
      verdicts.put(exercise, Verdict.NOT_GRADED);
      problems.put(exercise, List.of());
      for (CheckSpec check : manifest.checks()) {
        put(TestResult.notRun(check, Status.NOT_RUN, Verdict.NOT_GRADED, GRADER_STOPPED));
      }
    });
  }

  void put(TestResult result) {
    results.put(result.check().id(), result);
  }

  /// Gives every check of `exercise` the same result.
  void putAll(Exercise exercise, Status status, Verdict verdict, String why) {
    for (CheckSpec check : checks(exercise)) {
      put(TestResult.notRun(check, status, verdict, why));
    }
    verdicts.put(exercise, verdict);
  }

  void verdict(Exercise exercise, Verdict verdict) {
    verdicts.put(exercise, verdict);
  }

  void problems(Exercise exercise, List<Problem> found) {
    problems.put(exercise, List.copyOf(found));
  }

  void note(String note) {
    notes.add(note);
  }

  void outcome(Outcome also) {
    outcome = outcome.worse(also);
  }

  List<CheckSpec> checks(Exercise exercise) {
    Manifest manifest = manifests.get(exercise);
    return manifest == null ? List.of() : manifest.checks();
  }

  /// The verdict of the first check of `exercise` that did not pass, PASS if there is none.
  Verdict firstFailure(Exercise exercise) {
    return checks(exercise).stream()
        .map(check -> results.get(check.id()))
        .filter(result -> result != null && result.status() != Status.PASS)
        .map(TestResult::verdict)
        .findFirst()
        .orElse(Verdict.PASS);
  }

  /// The record as it stands, while checks are still to come.
  GradeRecord soFar() {
    return record(outcome.worse(Outcome.INCOMPLETE));
  }

  GradeRecord record() {
    return record(outcome);
  }

  private GradeRecord record(Outcome now) {
    List<ExerciseResult> exercises = new ArrayList<>();
    for (Exercise exercise : manifests.keySet()) {
      exercises.add(
          new ExerciseResult(
              exercise.id(),
              exercise.slug(),
              exercise.title(),
              verdicts.getOrDefault(exercise, Verdict.NOT_GRADED),
              checks(exercise).stream().map(check -> result(check)).toList(),
              problems.getOrDefault(exercise, List.of()),
              exercise.files().stream().map(submission::shown).toList()));
    }
    return new GradeRecord(
        course.version(),
        submission.name(),
        submission.sha256(),
        manifestSha256(),
        Runtime.version().feature()
            + "."
            + Runtime.version().interim()
            + "."
            + Runtime.version().update(),
        now,
        exercises,
        notes);
  }

  private TestResult result(CheckSpec check) {
    TestResult result = results.get(check.id());
    if (result == null) {
      throw new IllegalStateException("no result for " + check.id());
    }
    return result;
  }

  private String manifestSha256() {
    String all = manifests.values().stream().map(Manifest::sha256).collect(Collectors.joining());
    return Digest.sha256(all.getBytes(StandardCharsets.UTF_8));
  }
}
