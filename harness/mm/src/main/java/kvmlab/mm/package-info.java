// SPDX-License-Identifier: MIT
/// The host: page table, page frames, mmu_notifier core. Knows no subscriber by name.
@NullMarked
package kvmlab.mm;

import org.jspecify.annotations.NullMarked;
