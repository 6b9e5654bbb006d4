// SPDX-License-Identifier: MIT
package kvmlab.mm;

/// What an entry of the host page table may hold: a frame, or a note where the page's contents are.
/// An entry without either is null.
///
/// @kernel arch/x86/include/asm/pgtable_types.h pte_t; include/linux/swapops.h
sealed interface PteEntry permits Pte, SwpEntry {}
