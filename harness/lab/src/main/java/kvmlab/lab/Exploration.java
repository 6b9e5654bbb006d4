// SPDX-License-Identifier: MIT
package kvmlab.lab;

import java.util.Optional;

/// What exploring one scenario found.
///
/// @param scenario the id of the scenario, `ex02:FaultRacesUnmap`
/// @param model the name of the memory model, `lkmm` or `sc`
/// @param schedules how many executions were tried
/// @param exhausted whether every execution of the scenario is covered by one that was tried
/// @param bound what was covered, in half a sentence
/// @param finding the simplest wrong execution, if there is a wrong one
public record Exploration(
    String scenario,
    String model,
    long schedules,
    boolean exhausted,
    String bound,
    Optional<Finding> finding) {

  /// Returns the verdict in one word: `PASS`, `FORBIDDEN` or `STUCK`.
  public String verdict() {
    return finding
        .map(found -> found.violation().kind().stuck() ? "STUCK" : "FORBIDDEN")
        .orElse("PASS");
  }

  /// Returns the whole report, lines separated by line feeds.
  public String explain() {
    return Report.of(this);
  }

  /// Returns the finding's trace, and what stands in this record, as JSON: `kvmlab/trace/v1`.
  ///
  /// @throws java.util.NoSuchElementException when nothing was found
  public String toJson() {
    return TraceJson.of(this).json();
  }
}
