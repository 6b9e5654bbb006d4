// SPDX-License-Identifier: MIT
/// The complete reference system, and the interfaces through which an exercise replaces a piece.
@NullMarked
package kvmlab.kvm;

import org.jspecify.annotations.NullMarked;
