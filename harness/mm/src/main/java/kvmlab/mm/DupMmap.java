// SPDX-License-Identifier: MIT
package kvmlab.mm;

/// Gives a child the memory of its parent. The caller holds the `mmap_lock` of both for writing.
///
/// @kernel kernel/fork.c dup_mmap(); mm/memory.c copy_page_range()
final class DupMmap {
  private DupMmap() {}

  /// Lets both map the frames of an anonymous area, and neither write to them: whoever writes first
  /// gets a copy. Of a file's pages nothing is copied: the child faults them in.
  static void copyPageRange(MmStruct parent, MmStruct child, VmAreaStruct vma) {
    // Only the parent's entries lose a permission, so only its subscribers are told.
    MmuNotifierRange range = new MmuNotifierRange(vma.start(), vma.end(), true);
    parent.notifierSubscriptions().invalidateRangeStart(range);
    HugeMemory.splitAll(parent, vma.start(), vma.end());
    child.pageTable().lock();
    parent.pageTable().lockNested();
    Hva page = vma.start();
    while (page.compareTo(vma.end()) < 0) {
      copyPte(parent, child, page);
      page = page.plus(Hva.PAGE_SIZE);
    }
    parent.pageTable().unlock();
    child.pageTable().unlock();
    parent.notifierSubscriptions().invalidateRangeEnd(range);
  }

  /// @kernel mm/memory.c copy_present_pte(), copy_nonpresent_pte()
  private static void copyPte(MmStruct parent, MmStruct child, Hva page) {
    PageTable from = parent.pageTable();
    PteEntry entry = from.isTable(page) ? from.get(page) : null;
    if (entry instanceof Pte pte) {
      parent.frame(pte.pfn()).get();
      if (pte.writable()) {
        from.set(page, pte.wrprotect());
      }
      entry = pte.wrprotect();
    } else if (entry instanceof SwpEntry swap && swap.migrating() != null) {
      entry = new SwpEntry(swap.data(), swap.migrating().wrprotect());
      from.set(page, entry);
    }
    if (entry != null) {
      child.pageTable().set(page, entry);
    }
  }
}
