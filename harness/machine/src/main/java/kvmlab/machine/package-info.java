// SPDX-License-Identifier: MIT
/// What runs: tasks, operations, scheduling points, trace events, the engine.
@NullMarked
package kvmlab.machine;

import org.jspecify.annotations.NullMarked;
