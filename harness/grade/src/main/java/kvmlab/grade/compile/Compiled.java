// SPDX-License-Identifier: MIT
package kvmlab.grade.compile;

import java.util.List;
import java.util.Map;

/// What the compiler made of a submission.
///
/// @param classes class files by binary name; empty if there are problems
/// @param problems the errors, in the order javac found them
public record Compiled(Map<String, byte[]> classes, List<Problem> problems) {

  public Compiled {
    classes = Map.copyOf(classes);
    problems = List.copyOf(problems);
  }

  public boolean ok() {
    return problems.isEmpty();
  }
}
