// SPDX-License-Identifier: MIT
package kvmlab.grade;

import java.util.List;
import kvmlab.grade.compile.Problem;

/// What became of one exercise.
///
/// @param verdict the word that heads its report
/// @param tests its whole manifest, in order
/// @param problems why it does not compile, or what it reaches that it must not
/// @param files the files that were graded, as a reader would type them
public record ExerciseResult(
    String id,
    String slug,
    String title,
    Verdict verdict,
    List<TestResult> tests,
    List<Problem> problems,
    List<String> files) {

  public ExerciseResult {
    tests = List.copyOf(tests);
    problems = List.copyOf(problems);
    files = List.copyOf(files);
  }

  public int points() {
    return tests.stream().mapToInt(TestResult::points).sum();
  }

  public int max() {
    return tests.stream().mapToInt(test -> test.check().max()).sum();
  }
}
