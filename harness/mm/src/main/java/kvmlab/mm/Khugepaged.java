// SPDX-License-Identifier: MIT
package kvmlab.mm;

import java.util.ArrayList;
import java.util.List;

/// Makes huge pages out of small ones.
///
/// @kernel mm/khugepaged.c
public final class Khugepaged {
  private Khugepaged() {}

  /// Replaces the small pages around `hva` by a huge one, where the area wants huge pages and no
  /// page is swapped out. Takes `mmap_lock` and `anon_vma` for writing.
  ///
  /// @return whether there is a new huge page
  /// @kernel mm/khugepaged.c collapse_huge_page()
  public static boolean collapse(MmStruct mm, Hva hva) {
    Hva start = hva.hugePageStart();
    Hva end = start.plus(Hva.HPAGE_SIZE);
    mm.mmapLock().downWrite();
    VmAreaStruct vma = mm.areas().find(start);
    List<PageFrame> unmapped = List.of();
    if (vma != null && HugeMemory.fits(vma, start)) {
      mm.anonVma().rwsem.downWrite();
      MmuNotifierRange range = new MmuNotifierRange(start, end, true);
      mm.notifierSubscriptions().invalidateRangeStart(range);
      boolean cleared = pmdpCollapseFlush(mm.pageTable(), start);
      // Not behind the copying: without an upper entry nobody finds the small pages, and a fault
      // waits for mmap_lock.
      mm.notifierSubscriptions().invalidateRangeEnd(range);
      if (cleared) {
        unmapped = copy(mm, vma, start, end);
      }
      mm.anonVma().rwsem.upWrite();
    }
    mm.mmapLock().upWrite();
    unmapped.forEach(PageFrame::free);
    return !unmapped.isEmpty();
  }

  /// Takes the page-table entries out of reach; returns whether they were in reach.
  private static boolean pmdpCollapseFlush(PageTable table, Hva start) {
    table.lock();
    boolean cleared = table.isTable(start);
    if (cleared) {
      table.setPmd(start, null);
    }
    table.unlock();
    return cleared;
  }

  /// Moves what the small pages hold to a huge one; returns the frames that are no longer used, or
  /// none if the small pages have to stay.
  private static List<PageFrame> copy(MmStruct mm, VmAreaStruct vma, Hva start, Hva end) {
    PageTable table = mm.pageTable();
    long[] data = new long[Hva.PAGES_PER_HPAGE];
    List<PageFrame> unmapped = new ArrayList<>();
    table.lock();
    int index = 0;
    for (Hva page = start; page.compareTo(end) < 0; page = page.plus(Hva.PAGE_SIZE)) {
      PteEntry entry = table.get(page);
      if (entry instanceof Pte pte && !mm.frame(pte.pfn()).shared()) {
        unmapped.add(mm.frame(pte.pfn()));
        data[index] = mm.frame(pte.pfn()).load();
      } else if (entry != null) {
        table.setPmd(start, Pmd.TABLE);
        table.unlock();
        return List.of();
      }
      index++;
    }
    if (unmapped.isEmpty()) {
      // SCAN_LACK_REFERENCED_PAGE: nothing to collapse.
      table.setPmd(start, Pmd.TABLE);
    } else {
      for (Hva page = start; page.compareTo(end) < 0; page = page.plus(Hva.PAGE_SIZE)) {
        table.deposit(page, null);
      }
      table.setPmd(start, new Pmd(new Pte(mm.allocHuge(data).pfn(), vma.writable())));
    }
    table.unlock();
    return unmapped;
  }
}
