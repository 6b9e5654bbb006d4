// SPDX-License-Identifier: MIT
package kvmlab.press;

import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Stream;
import kvmlab.press.Run.Step;

/// Chooses the cells whose values a drawing shows.
final class Cells {
  private static final int CELLS = 2;

  private Cells() {}

  /// Returns the cells that `wanted` names by the end of their names; if it names none, the first
  /// two that one task writes and another looks at.
  static List<String> of(Run run, String wanted) {
    if (wanted.isEmpty()) {
      return objects(run, step -> step.is("WRITE"))
          .filter(object -> users(run, object) > 1)
          .limit(CELLS)
          .toList();
    }
    List<String> all = objects(run, step -> step.is("READ") || step.is("WRITE")).toList();
    return Stream.of(wanted.split("[ ,]+")).map(name -> cell(name, all)).toList();
  }

  private static Stream<String> objects(Run run, Predicate<Step> of) {
    return run.steps().stream().filter(of).map(Step::object).filter(Objects::nonNull).distinct();
  }

  private static long users(Run run, String object) {
    return run.steps().stream()
        .filter(step -> object.equals(step.object()))
        .map(Step::task)
        .distinct()
        .count();
  }

  private static String cell(String name, List<String> all) {
    return all.stream()
        .filter(object -> object.endsWith(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no cell " + name + " among " + all));
  }
}
