// SPDX-License-Identifier: MIT
package kvmlab.machine;

import java.util.List;

/// What happened in one execution, in order.
///
/// @param tasks the names of the tasks
/// @param initial how the objects that the lines name stand before the first
/// @param events the lines
public record Trace(List<String> tasks, List<ObjectState> initial, List<TraceEvent> events) {

  public Trace {
    tasks = List.copyOf(tasks);
    initial = List.copyOf(initial);
    events = List.copyOf(events);
  }
}
