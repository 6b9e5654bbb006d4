// SPDX-License-Identifier: MIT
package kvmlab.lab;

import java.util.List;
import java.util.Objects;
import kvmlab.machine.Trace;
import kvmlab.machine.TraceEvent;
import kvmlab.machine.TraceEvent.Kind;

/// Leaves out of a trace what no reader needs: returns, locks that only one task uses, and read
/// sections that nobody waits for.
public final class Essentials {
  private Essentials() {}

  /// Returns the lines worth showing, in order.
  public static List<TraceEvent> of(Trace trace) {
    return trace.events().stream().filter(event -> essential(trace, event)).toList();
  }

  /// Returns whether a line of `trace` is worth showing.
  static boolean essential(Trace trace, TraceEvent event) {
    return switch (event.kind()) {
      case RETURN -> false;
      case SYNC -> shared(trace, event) && !idleReadSection(trace, event);
      case CALL, READ, WRITE, FENCE, NOTE -> true;
    };
  }

  private static boolean shared(Trace trace, TraceEvent event) {
    return trace.events().stream()
        .anyMatch(other ->
            other.kind() == Kind.SYNC
                && other.task() != event.task()
                && Objects.equals(other.object(), event.object()));
  }

  private static boolean idleReadSection(Trace trace, TraceEvent event) {
    return event.text().startsWith("srcu_read_")
        && trace.events().stream()
            .noneMatch(other ->
                other.text().startsWith("synchronize_srcu")
                    && Objects.equals(other.object(), event.object()));
  }
}
