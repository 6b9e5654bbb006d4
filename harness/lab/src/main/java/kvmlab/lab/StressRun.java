// SPDX-License-Identifier: MIT
package kvmlab.lab;

import java.util.ArrayList;
import java.util.List;
import kvmlab.explore.stress.Sighting;
import kvmlab.explore.stress.Stressed;
import kvmlab.explore.stress.Stuck;
import kvmlab.machine.Violation;

/// What running one scenario on real threads came to, so far or in all. Evidence, never a verdict.
///
/// @param scenario the id of the scenario, `ex02:FaultRacesUnmap`
/// @param seed what the noise was drawn from
/// @param threads how many tasks ran at the same time
/// @param rounds how often the scenario ran
/// @param events the events of all rounds
/// @param nanos how long that took
/// @param wrong how many rounds went wrong
/// @param examples for each way to go wrong its first round, as text of several lines
/// @param abandoned whether the run was cut short: a task neither ended nor reached an event
public record StressRun(
    String scenario,
    long seed,
    int threads,
    long rounds,
    long events,
    long nanos,
    long wrong,
    List<String> examples,
    boolean abandoned) {
  private static final int FRAMES_MAX = 8;

  public StressRun {
    examples = List.copyOf(examples);
  }

  static StressRun of(Scenario scenario, Stressed stressed) {
    return new StressRun(
        scenario.id(),
        stressed.seed(),
        stressed.threads(),
        stressed.rounds(),
        stressed.events(),
        stressed.nanos(),
        stressed.wrong(),
        stressed.sightings().stream().map(StressRun::example).toList(),
        stressed.abandoned());
  }

  /// Returns who watches: which invariants at every moment, which at the end of a round.
  public static String watchers() {
    var ids = Invariants.byConcurrency();
    return "at every moment: %s; at the end of each round: %s and the scenario's own checks"
        .formatted(String.join(" ", ids.get(true)), String.join(" ", ids.get(false)));
  }

  private static String example(Sighting sighting) {
    Violation violation = sighting.violation();
    String invariant = violation.invariant();
    List<String> lines = new ArrayList<>();
    lines.add(
        "%s  %s%s"
            .formatted(
                violation.kind().stuck() ? "STUCK" : "FORBIDDEN",
                violation.expected(),
                invariant == null ? "" : " (" + invariant + ")"));
    lines.add(
        "in %,d round%s, first in round %,d"
            .formatted(sighting.count(), sighting.count() == 1 ? "" : "s", sighting.round()));
    if (sighting.stuck().isEmpty()) {
      lines.add(violation.seen());
    }
    for (Stuck stuck : sighting.stuck()) {
      lines.add(stuck.sentence());
      stuck.frames().stream().limit(FRAMES_MAX).map(StressRun::place).forEach(lines::add);
    }
    return String.join("\n", lines);
  }

  /// Without the name of the class loader, which a frame's own text has.
  private static String place(StackTraceElement frame) {
    return "  at %s.%s(%s:%d)"
        .formatted(
            frame.getClassName(),
            frame.getMethodName(),
            frame.getFileName(),
            frame.getLineNumber());
  }
}
