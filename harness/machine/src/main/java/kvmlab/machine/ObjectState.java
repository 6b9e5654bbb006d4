// SPDX-License-Identifier: MIT
package kvmlab.machine;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// How a shared object stands at some point of a trace. Tasks are indices into {@link Trace#tasks}.
///
/// @param object its name
/// @param value the newest value of a location; null for anything else
/// @param owners who holds it
/// @param waiters who waits for it
/// @param old what may still be read instead of the newest value
public record ObjectState(
    String object,
    @Nullable String value,
    List<Integer> owners,
    List<Integer> waiters,
    List<Old> old) {

  public ObjectState {
    owners = List.copyOf(owners);
    waiters = List.copyOf(waiters);
    old = List.copyOf(old);
  }

  /// Older values that memory may still give to a task.
  ///
  /// @param values oldest first
  public record Old(int task, List<String> values) {

    public Old {
      values = List.copyOf(values);
    }
  }
}
