// SPDX-License-Identifier: MIT
/// Takes a submission into memory: the files asked for, and nothing else.
@NullMarked
package kvmlab.grade.admit;

import org.jspecify.annotations.NullMarked;
