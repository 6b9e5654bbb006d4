// SPDX-License-Identifier: MIT
/// Proves the laws of the course about itself.
@NullMarked
package kvmlab.grade.selfcheck;

import org.jspecify.annotations.NullMarked;
