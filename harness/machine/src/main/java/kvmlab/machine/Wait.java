// SPDX-License-Identifier: MIT
package kvmlab.machine;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Why a task does not go on.
///
/// @param name what one calls it when the task never goes on, for example `lost wake-up`; null
///   where it has no name of its own
/// @param invariant the identifier of the invariant that is broken then, if any
/// @param why what the task waits for, as a report says it; may be empty
/// @param on the tasks of which each must act first; empty where that is not known
public record Wait(@Nullable String name, @Nullable String invariant, String why, List<Task> on) {

  public Wait {
    on = List.copyOf(on);
  }

  /// Returns a wait without a name, for nobody in particular.
  public static Wait of(String why) {
    return new Wait(null, null, why, List.of());
  }
}
