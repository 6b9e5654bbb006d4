// SPDX-License-Identifier: MIT
/// Decides from class files alone what a submission may reach.
@NullMarked
package kvmlab.grade.gate;

import org.jspecify.annotations.NullMarked;
