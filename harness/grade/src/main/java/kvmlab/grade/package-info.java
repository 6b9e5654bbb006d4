// SPDX-License-Identifier: MIT
/// Admits, compiles, runs, scores and reports submissions.
@NullMarked
package kvmlab.grade;

import org.jspecify.annotations.NullMarked;
