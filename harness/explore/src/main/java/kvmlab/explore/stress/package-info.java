// SPDX-License-Identifier: MIT
/// The second engine: the same programs on real threads, many times over, with seeded noise. Shows
/// what this machine does; claims nothing of what it might do.
@NullMarked
package kvmlab.explore.stress;

import org.jspecify.annotations.NullMarked;
