// SPDX-License-Identifier: MIT
package kvmlab.mm;

import org.jspecify.annotations.Nullable;

/// The page fault of the host. The caller holds `mmap_lock` for reading.
///
/// From absent to present nobody is notified: no translation can exist of a page that has no frame.
/// The same holds when an entry only gets more permissive. Only a write to a frame that somebody
/// else maps, too, replaces what is mapped, and so opens a section of its own.
///
/// @kernel mm/memory.c handle_mm_fault()
final class PageFault {
  private PageFault() {}

  /// Returns the frame that is mapped at `hva` after the fault, or an error.
  static Pfn handleMmFault(MmStruct mm, VmAreaStruct vma, Hva hva, boolean write) {
    if (write && !vma.writable()) {
      return Pfn.ERR_FAULT;
    }
    Pfn pfn;
    do {
      pfn = handlePteFault(mm, vma, hva, write);
    } while (pfn == null);
    return pfn;
  }

  /// Returns null when something has changed, so that the fault starts over.
  private static @Nullable Pfn handlePteFault(
      MmStruct mm, VmAreaStruct vma, Hva hva, boolean write) {
    PageTable table = mm.pageTable();
    table.lock();
    if (table.mayBeHuge(hva)) {
      Pte huge = HugeMemory.fault(mm, vma, hva, write);
      if (huge != null) {
        table.unlock();
        return huge.pfn();
      }
    }
    // Another task may have faulted the page in since the lockless read.
    return switch (table.get(hva)) {
      case null -> vma.file() == null ? anonymous(mm, vma, hva) : file(mm, vma, vma.file(), hva);
      case SwpEntry swap -> swapped(mm, vma, hva, swap);
      case Pte pte -> write && !pte.writable() ? wpPage(mm, vma, hva, pte) : spurious(mm, hva, pte);
    };
  }

  /// @kernel mm/memory.c do_anonymous_page()
  private static Pfn anonymous(MmStruct mm, VmAreaStruct vma, Hva hva) {
    // After the OOM reaper has been here a new page would read as zeroes where the program left
    // its data.
    Pfn pfn = mm.unstable() ? Pfn.ERR_FAULT : mm.allocPage(0).pfn();
    if (!pfn.isError()) {
      mm.pageTable().set(hva, new Pte(pfn, vma.writable()));
    }
    mm.pageTable().unlock();
    return pfn;
  }

  /// @kernel mm/memory.c do_fault()
  private static @Nullable Pfn file(MmStruct mm, VmAreaStruct vma, AddressSpace file, Hva hva) {
    // The page lock comes before the page-table lock.
    mm.pageTable().unlock();
    return file.fault(mm, vma, hva);
  }

  /// @kernel mm/memory.c do_swap_page()
  private static @Nullable Pfn swapped(MmStruct mm, VmAreaStruct vma, Hva hva, SwpEntry swap) {
    if (swap.migrating() != null) {
      mm.pageTable().unlock();
      // migration_entry_wait(): whoever moves the page holds its lock until it is mapped again.
      mm.anonVma().pageLock.lock();
      mm.anonVma().pageLock.unlock();
      return null;
    }
    Pfn pfn = mm.allocPage(swap.data()).pfn();
    mm.pageTable().set(hva, new Pte(pfn, vma.writable()));
    mm.pageTable().unlock();
    return pfn;
  }

  private static Pfn spurious(MmStruct mm, Hva hva, Pte pte) {
    if (!pte.young()) {
      mm.pageTable().set(hva, pte.mkyoung());
    }
    mm.pageTable().unlock();
    return pte.pfn();
  }

  /// @kernel mm/memory.c do_wp_page()
  private static @Nullable Pfn wpPage(MmStruct mm, VmAreaStruct vma, Hva hva, Pte pte) {
    PageFrame frame = mm.frame(pte.pfn());
    if (vma.file() == null && frame.shared()) {
      // Read while the entry still keeps the frame, where Linux takes a reference.
      long data = frame.load();
      mm.pageTable().unlock();
      return wpPageCopy(mm, hva, pte, data);
    }
    // Nobody else has it, or it is meant to be shared.
    mm.pageTable().set(hva, pte.mkwrite());
    mm.pageTable().unlock();
    return pte.pfn();
  }

  // tag::cow[]
  /// @kernel mm/memory.c wp_page_copy()
  private static @Nullable Pfn wpPageCopy(MmStruct mm, Hva hva, Pte original, long data) {
    MmuNotifierRange range = MmuNotifierRange.page(hva);
    MmuNotifierSubscriptions notifier = mm.notifierSubscriptions();
    PageTable table = mm.pageTable();
    notifier.invalidateRangeStart(range);
    table.lock();
    // The lock was dropped for the start: the entry may have changed.
    Pte copy = null;
    PageFrame unmapped = null;
    if (original.equals(table.get(hva))) {
      copy = new Pte(mm.allocPage(data).pfn(), true);
      table.set(hva, null);
      notifier.invalidateRange(range);
      notifier.changePte(hva, copy);
      table.set(hva, copy);
      PageFrame old = mm.frame(original.pfn());
      unmapped = old.put() ? old : null;
    }
    table.unlock();
    if (unmapped != null) {
      unmapped.free();
    }
    notifier.invalidateRangeOnlyEnd(range);
    return copy == null ? null : copy.pfn();
  }

  // end::cow[]
}
