// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import java.util.function.Consumer;
import kvmlab.mm.Hva;
import kvmlab.mm.Pfn;

/// A present entry of the secondary page table. An absent entry is null.
///
/// @param pfn the frame; the first of them in a huge entry
/// @param writable whether the guest may write through it
/// @param slot the memslot through which the frame was looked up
/// @param huge whether it translates a whole huge page, of 2 MiB (`is_large_pte()`)
/// @param young whether the hardware has used it since the bit was last cleared
/// @kernel arch/x86/kvm/mmu/spte.h
public record Spte(Pfn pfn, boolean writable, KvmMemorySlot slot, boolean huge, boolean young) {

  /// Makes an entry of 4 KiB as a page fault does, which is young.
  public Spte(Pfn pfn, boolean writable, KvmMemorySlot slot) {
    this(pfn, writable, slot, false, true);
  }

  /// Returns whether an access, a write if `write`, needs no page fault.
  public boolean permits(boolean write) {
    return writable || !write;
  }

  /// Returns the frame behind `gfn`, which is one of the pages that the entry translates.
  public Pfn pfn(Gfn gfn) {
    return huge ? new Pfn(pfn.number() + gfn.number() % Hva.PAGES_PER_HPAGE) : pfn;
  }

  /// Calls `action` with every page that the entry translates, of which `gfn` is one.
  public void forEachPage(Gfn gfn, Consumer<Gfn> action) {
    if (!huge) {
      action.accept(gfn);
      return;
    }
    Gfn first = gfn.plus(-(gfn.number() % Hva.PAGES_PER_HPAGE));
    for (int page = 0; page < Hva.PAGES_PER_HPAGE; page++) {
      action.accept(first.plus(page));
    }
  }

  Spte withYoung(boolean used) {
    return new Spte(pfn, writable, slot, huge, used);
  }

  @Override
  public String toString() {
    return pfn + (huge ? " (2 MiB)" : "") + (young ? "" : " old");
  }
}
