// SPDX-License-Identifier: MIT
/// What runs: tasks, shared objects and their events, memory, and the seam to the engine that
/// decides who moves next.
@NullMarked
package kvmlab.machine;

import org.jspecify.annotations.NullMarked;
