// SPDX-License-Identifier: MIT
package kvmlab.mm;

/// What is done to one frame wherever it is mapped. The caller holds the page lock; the lock of the
/// reverse mapping is taken here, and `mmap_lock` is not.
///
/// @kernel mm/rmap.c
final class Rmap {
  private Rmap() {}

  /// Returns whether `frame` has been used since this was last asked, by the host or by a
  /// subscriber.
  ///
  /// @kernel mm/rmap.c page_referenced()
  static boolean pageReferenced(AnonVma anonVma, PageFrame frame, Hva hva) {
    boolean referenced = false;
    anonVma.rwsem.downRead();
    for (MmStruct mm : anonVma.family()) {
      mm.pageTable().lock();
      Pte pte = mm.pageTable().present(hva);
      if (pte != null && pte.pfn().equals(frame.pfn())) {
        referenced |= Young.clearFlush(mm, hva);
      }
      mm.pageTable().unlock();
    }
    anonVma.rwsem.upRead();
    return referenced;
  }

  /// Unmaps `frame`, which was found at `hva`.
  ///
  /// @param migrate whether its contents go to another frame; if not, they go to the swap area
  /// @return whether it was mapped, and is mapped nowhere any more: the caller frees it
  /// @kernel mm/rmap.c try_to_unmap()
  static boolean tryToUnmap(AnonVma anonVma, PageFrame frame, Hva hva, boolean migrate) {
    boolean last = false;
    anonVma.rwsem.downRead();
    for (MmStruct mm : anonVma.family()) {
      last |= tryToUnmapOne(mm, frame, hva, migrate);
    }
    anonVma.rwsem.upRead();
    return last;
  }

  private static boolean tryToUnmapOne(MmStruct mm, PageFrame frame, Hva hva, boolean migrate) {
    PageTable table = mm.pageTable();
    if (table.transHuge(hva)) {
      HugeMemory.splitHugePmd(mm, hva);
    }
    MmuNotifierRange range = MmuNotifierRange.page(hva);
    mm.notifierSubscriptions().invalidateRangeStart(range);
    boolean last = false;
    table.lock();
    Pte pte = table.present(hva);
    if (pte != null && pte.pfn().equals(frame.pfn())) {
      table.set(hva, new SwpEntry(frame.load(), migrate ? pte : null));
      last = frame.put();
    }
    table.unlock();
    mm.notifierSubscriptions().invalidateRangeEnd(range);
    return last;
  }
}
