// SPDX-License-Identifier: MIT
package kvmlab.grade;

import java.util.List;

/// A whole grade. Every report is a pure function of it, so it holds no time and no place.
///
/// @param course version of the course
/// @param submission name of the submission
/// @param sha256 digest of the graded files
/// @param manifestSha256 digest of the checks that were counted
/// @param java version of the JDK that compiled and ran the submission
/// @param outcome how the grading ended
/// @param exercises one result per exercise asked for
/// @param notes what the reader should know besides: stray files, a missing file
public record GradeRecord(
    String course,
    String submission,
    String sha256,
    String manifestSha256,
    String java,
    Outcome outcome,
    List<ExerciseResult> exercises,
    List<String> notes) {

  /// The schema that the JSON report declares.
  public static final String SCHEMA = "kvmlab/grade/v1";

  public GradeRecord {
    exercises = List.copyOf(exercises);
    notes = List.copyOf(notes);
  }

  /// Every check of every manifest, run or not.
  public List<TestResult> tests() {
    return exercises.stream().flatMap(exercise -> exercise.tests().stream()).toList();
  }

  public int points() {
    return exercises.stream().mapToInt(ExerciseResult::points).sum();
  }

  public int max() {
    return exercises.stream().mapToInt(ExerciseResult::max).sum();
  }

  /// The exit code of `course grade` and `course check`.
  public int exitCode() {
    return outcome == Outcome.GRADED && points() < max() ? 1 : outcome.exitCode();
  }
}
