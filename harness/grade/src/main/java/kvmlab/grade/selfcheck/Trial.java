// SPDX-License-Identifier: MIT
package kvmlab.grade.selfcheck;

import java.util.List;
import java.util.Map;
import kvmlab.grade.TestResult;
import kvmlab.grade.compile.Problem;

/// One answer of the staff, graded.
///
/// @param name as the laws call it: `stub`, `solution`, `variant sticky`, `mutant no-rmb`
/// @param problems why it does not compile, or what the gate refuses
/// @param results one per check, empty if there are problems
/// @param replayed how many printed tokens were replayed
/// @param unfaithful the tokens that did not replay to the same trace
record Trial(
    String name,
    List<Problem> problems,
    List<TestResult> results,
    int replayed,
    List<String> unfaithful) {

  Trial {
    problems = List.copyOf(problems);
    results = List.copyOf(results);
    unfaithful = List.copyOf(unfaithful);
  }

  int points() {
    return results.stream().mapToInt(TestResult::points).sum();
  }

  int max() {
    return results.stream().mapToInt(test -> test.check().max()).sum();
  }

  long schedules() {
    return results.stream()
        .map(TestResult::explored)
        .mapToLong(explored -> explored == null ? 0 : explored.schedules())
        .sum();
  }

  /// What is given to a trial.
  ///
  /// @param sources by path below the folder that holds all exercises
  record Answer(String name, Map<String, String> sources) {
    Answer {
      sources = Map.copyOf(sources);
    }
  }
}
