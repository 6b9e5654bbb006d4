// SPDX-License-Identifier: MIT
package kvmlab.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import kvmlab.machine.Violation;

/// The text that answers a wrong execution: what should hold, what was seen, how it came about, the
/// likely cause and the way back.
final class Report {
  private Report() {}

  static String of(Exploration exploration) {
    String name = exploration.scenario().replace(':', ' ');
    List<String> lines = new ArrayList<>();
    exploration
        .finding()
        .ifPresentOrElse(
            finding -> wrong(exploration, name, finding, lines),
            () ->
                lines.add(
                    "PASS  %s: %,d execution%s, %s"
                        .formatted(
                            name,
                            exploration.schedules(),
                            exploration.schedules() == 1 ? "" : "s",
                            exploration.bound())));
    return String.join("\n", lines);
  }

  private static void wrong(
      Exploration exploration, String name, Finding finding, List<String> lines) {
    Violation violation = finding.violation();
    String invariant = violation.invariant();
    lines.add(
        "%s  %s: %s%s"
            .formatted(
                exploration.verdict(),
                name,
                violation.expected(),
                invariant == null ? "" : " (" + invariant + ")"));
    lines.add(violation.seen());
    if (!violation.report().isEmpty()) {
      lines.add("");
      violation.report().forEach(line -> lines.add(("  " + line).stripTrailing()));
    }
    if (!finding.trace().events().isEmpty()) {
      lines.add("");
      lines.addAll(TraceTable.of(finding.trace()));
    }
    lines.add("");
    finding.likelyCause().ifPresent(cause -> lines.add("likely cause: " + cause));
    chapter(finding.token().exercise()).ifPresent(lines::add);
    lines.add("replay: ./course replay " + finding.token());
  }

  private static Optional<String> chapter(String exercise) {
    return exercise.matches("ex\\d\\d")
        ? Optional.of("read: chapter " + Integer.parseInt(exercise.substring(2)))
        : Optional.empty();
  }
}
