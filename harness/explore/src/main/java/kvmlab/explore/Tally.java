// SPDX-License-Identifier: MIT
package kvmlab.explore;

import kvmlab.machine.Violation;
import org.jspecify.annotations.Nullable;

/// Counts executions, and keeps the first wrong one.
final class Tally {
  long executions;
  long complete;
  long cut;
  long events;
  @Nullable Counterexample found;

  /// Counts one execution.
  void add(Execution execution) {
    executions++;
    events += execution.events();
    if (execution.cut()) {
      cut++;
    } else if (!execution.pruned()) {
      complete++;
      Violation violation = execution.violation();
      if (violation != null && found == null) {
        found = new Counterexample(execution.schedule(), violation);
      }
    }
  }

  /// Counts what comes after all that has been counted here.
  void add(Tally later) {
    executions += later.executions;
    complete += later.complete;
    cut += later.cut;
    events += later.events;
    if (found == null) {
      found = later.found;
    }
  }
}
