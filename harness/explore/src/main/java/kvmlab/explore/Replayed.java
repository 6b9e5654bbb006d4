// SPDX-License-Identifier: MIT
package kvmlab.explore;

import kvmlab.machine.Trace;
import kvmlab.machine.Violation;
import org.jspecify.annotations.Nullable;

/// One execution, recorded.
///
/// @param trace what happened
/// @param violation what went wrong, or null
/// @param route the way to this very execution
/// @param missed which turn of the route, or step of the script, that was asked for could not be
///   taken, in a sentence without a full stop; null when all were taken
public record Replayed(
    Trace trace, @Nullable Violation violation, Route route, @Nullable String missed) {}
