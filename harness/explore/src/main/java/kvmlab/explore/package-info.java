// SPDX-License-Identifier: MIT
/// Engines that decide which task runs next; know no kernel.
@NullMarked
package kvmlab.explore;

import org.jspecify.annotations.NullMarked;
