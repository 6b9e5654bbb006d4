// SPDX-License-Identifier: MIT
package kvmlab.mm;

import java.util.ArrayList;
import java.util.List;

/// Takes frames away.
///
/// @kernel mm/memory.c zap_page_range(), unmap_page_range()
final class Zap {
  private Zap() {}

  // tag::zap[]
  /// Takes the frames away from the pages from `start` to `end`, in a section.
  static void zapPageRange(MmStruct mm, Hva start, Hva end) {
    MmuNotifierRange range = new MmuNotifierRange(start, end, true);
    mm.notifierSubscriptions().invalidateRangeStart(range);
    unmapPageRange(mm, start, end);
    mm.notifierSubscriptions().invalidateRangeEnd(range);
  }

  /// Takes the frames away; the caller has opened a section.
  static void unmapPageRange(MmStruct mm, Hva start, Hva end) {
    HugeMemory.splitAtEdges(mm, start, end);
    List<PageFrame> unmapped = new ArrayList<>();
    PageTable table = mm.pageTable();
    table.lock();
    Hva page = start;
    while (page.compareTo(end) < 0) {
      if (table.isTable(page)) {
        zapPte(mm, page, unmapped);
        page = page.plus(Hva.PAGE_SIZE);
      } else {
        page = zapPmd(mm, page, end, unmapped);
      }
    }
    table.unlock();
    // Whoever walks this very table is told before the frames go.
    mm.notifierSubscriptions().tlbFlush(start, end);
    for (PageFrame frame : unmapped) {
      frame.free();
    }
  }

  private static void zapPte(MmStruct mm, Hva page, List<PageFrame> unmapped) {
    PteEntry old = mm.pageTable().get(page);
    if (old != null) {
      mm.pageTable().set(page, null);
    }
    if (old instanceof Pte pte) {
      unmap(mm.frame(pte.pfn()), unmapped);
    }
  }

  // end::zap[]

  /// Zaps a huge page, if there is one and the range up to `end` covers all of it. One that is
  /// covered in part was faulted in after the split: it is nobody's who asked for this.
  ///
  /// @return where to go on
  private static Hva zapPmd(MmStruct mm, Hva page, Hva end, List<PageFrame> unmapped) {
    Hva behind = page.hugePageStart().plus(Hva.HPAGE_SIZE);
    Pte huge = mm.pageTable().huge(page);
    if (huge != null && page.equals(page.hugePageStart()) && behind.compareTo(end) <= 0) {
      mm.pageTable().setPmd(page, null);
      for (int i = 0; i < Hva.PAGES_PER_HPAGE; i++) {
        unmap(mm.frame(new Pfn(huge.pfn().number() + i)), unmapped);
      }
    }
    return behind;
  }

  /// Notes that one mapping of `frame` is gone.
  private static void unmap(PageFrame frame, List<PageFrame> unmapped) {
    if (frame.put()) {
      unmapped.add(frame);
    }
  }
}
