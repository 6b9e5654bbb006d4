// SPDX-License-Identifier: MIT
/// How fast each design of the invalidation protocol is, beside the others.
@NullMarked
package kvmlab.bench.reference;

import org.jspecify.annotations.NullMarked;
