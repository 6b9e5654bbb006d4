// SPDX-License-Identifier: MIT

/// The notifier protocol of KVM, small enough to be run by every tool that the benchmarks compare.
@NullMarked
package kvmlab.bench.notifier;

import org.jspecify.annotations.NullMarked;
