// SPDX-License-Identifier: MIT
/// Benchmarks. Nothing depends on them.
@NullMarked
package kvmlab.bench;

import org.jspecify.annotations.NullMarked;
