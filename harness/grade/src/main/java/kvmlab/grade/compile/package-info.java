// SPDX-License-Identifier: MIT
/// Compiles a submission in memory, seeing no more of the course than it may use.
@NullMarked
package kvmlab.grade.compile;

import org.jspecify.annotations.NullMarked;
