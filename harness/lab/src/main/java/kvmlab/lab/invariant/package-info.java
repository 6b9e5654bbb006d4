// SPDX-License-Identifier: MIT
/// What must hold in every execution: one invariant a file.
@NullMarked
package kvmlab.lab.invariant;

import org.jspecify.annotations.NullMarked;
