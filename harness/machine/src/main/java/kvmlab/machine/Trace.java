// SPDX-License-Identifier: MIT
package kvmlab.machine;

import java.util.List;

/// What happened in one execution, in order.
///
/// @param tasks the names of the tasks
/// @param events the lines
public record Trace(List<String> tasks, List<TraceEvent> events) {

  public Trace {
    tasks = List.copyOf(tasks);
    events = List.copyOf(events);
  }
}
