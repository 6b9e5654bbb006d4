// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import kvmlab.mm.Pfn;

/// A present entry of the secondary page table. An absent entry is null.
///
/// @param pfn the frame
/// @param writable whether the guest may write through it
/// @param slot the memslot through which the frame was looked up
/// @kernel arch/x86/kvm/mmu/spte.h
public record Spte(Pfn pfn, boolean writable, KvmMemorySlot slot) {

  /// Returns whether an access, a write if `write`, needs no page fault.
  public boolean permits(boolean write) {
    return writable || !write;
  }

  @Override
  public String toString() {
    return pfn.toString();
  }
}
