// SPDX-License-Identifier: MIT
/// Makes visible what a learner's class does with memory that is no cell.
@NullMarked
package kvmlab.lab.instrument;

import org.jspecify.annotations.NullMarked;
