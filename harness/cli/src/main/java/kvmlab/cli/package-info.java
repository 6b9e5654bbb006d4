// SPDX-License-Identifier: MIT
/// The course command.
@NullMarked
package kvmlab.cli;

import org.jspecify.annotations.NullMarked;
