// SPDX-License-Identifier: MIT
package kvmlab.explore;

import kvmlab.machine.Violation;

/// A schedule under which a program goes wrong.
///
/// @param schedule the schedule
/// @param violation what goes wrong
public record Counterexample(Schedule schedule, Violation violation) {}
