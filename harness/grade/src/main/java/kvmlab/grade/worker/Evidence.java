// SPDX-License-Identifier: MIT
package kvmlab.grade.worker;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import kvmlab.grade.run.Message;
import kvmlab.lab.Exploration;
import kvmlab.lab.Finding;
import kvmlab.lab.Violated;
import kvmlab.machine.Violation;
import org.jspecify.annotations.Nullable;

/// What the lab explored during a check, as fields of an answer.
final class Evidence {

  private Evidence() {}

  /// Adds how far a check looked and, if it found a wrong execution, the report of that one.
  ///
  /// @param failure what ended the check, null if nothing did
  static void add(
      Message answer,
      List<Exploration> explorations,
      @Nullable Throwable failure,
      Session session) {
    if (!explorations.isEmpty()) {
      addExplored(answer, explorations);
    }
    if (failure != null) {
      explored(explorations, failure)
          .ifPresent(exploration ->
              exploration.finding().ifPresent(f -> addFinding(answer, exploration, f, session)));
    }
  }

  private static void addExplored(Message answer, List<Exploration> explorations) {
    long schedules = explorations.stream().mapToLong(Exploration::schedules).sum();
    boolean exhausted = explorations.stream().allMatch(Exploration::exhausted);
    answer.with("schedules", Long.toString(schedules));
    answer.with("exhausted", Boolean.toString(exhausted));
    answer.with(
        "bound",
        explorations.stream()
            .map(exploration -> name(exploration) + ": " + exploration.bound())
            .distinct()
            .collect(Collectors.joining("; ")));
  }

  private static String name(Exploration exploration) {
    return exploration.scenario().substring(exploration.scenario().indexOf(':') + 1);
  }

  /// The exploration that a check failed on: the one it complains of, or the last one that found
  /// something.
  private static Optional<Exploration> explored(List<Exploration> explorations, Throwable failure) {
    if (failure instanceof Violated violated) {
      return Optional.of(violated.exploration());
    }
    return explorations.reversed().stream().filter(e -> e.finding().isPresent()).findFirst();
  }

  static void addFinding(
      Message answer, Exploration exploration, Finding finding, Session session) {
    Violation violation = finding.violation();
    String token = finding.token().toString();
    session.printed(token, finding.trace());
    answer.with("verdict", exploration.verdict());
    answer.with("message", violation.expected() + ": " + violation.seen());
    answer.with("detail", exploration.explain());
    answer.withOptional("invariant", violation.invariant());
    answer.with("replay", token);
  }
}
