// SPDX-License-Identifier: MIT
/// Runs the checks of one submission inside a JVM of its own.
@NullMarked
package kvmlab.grade.worker;

import org.jspecify.annotations.NullMarked;
