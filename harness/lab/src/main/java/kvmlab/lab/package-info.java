// SPDX-License-Identifier: MIT
/// What an exercise speaks: scenarios, invariants, verdicts.
@NullMarked
package kvmlab.lab;

import org.jspecify.annotations.NullMarked;
