// SPDX-License-Identifier: MIT
/// Linux primitives on top of the machine, and the sanitizers that watch them.
@NullMarked
package kvmlab.kernel;

import org.jspecify.annotations.NullMarked;
