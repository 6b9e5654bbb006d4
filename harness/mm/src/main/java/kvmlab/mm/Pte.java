// SPDX-License-Identifier: MIT
package kvmlab.mm;

/// A present entry of the host page table. An absent entry is null.
///
/// @param pfn the frame
/// @param writable whether the host may write through it
/// @kernel arch/x86/include/asm/pgtable_types.h pte_t
public record Pte(Pfn pfn, boolean writable) {

  /// Returns whether an access, a write if `write`, needs no page fault.
  public boolean permits(boolean write) {
    return writable || !write;
  }

  @Override
  public String toString() {
    return writable ? pfn.toString() : pfn + " read-only";
  }
}
