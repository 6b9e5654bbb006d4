// SPDX-License-Identifier: MIT
package kvmlab.explore;

import kvmlab.machine.Trace;
import kvmlab.machine.Violation;
import org.jspecify.annotations.Nullable;

/// One execution, recorded.
///
/// @param trace what happened
/// @param violation what went wrong, or null
/// @param followed whether the schedule could be followed; if not, the program is another one than
///   the schedule was made for
public record Replayed(Trace trace, @Nullable Violation violation, boolean followed) {}
