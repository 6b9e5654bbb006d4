// SPDX-License-Identifier: MIT
package kvmlab.mm;

import org.jspecify.annotations.Nullable;

/// Huge pages: as many consecutive frames as one upper entry maps.
///
/// Simplified: a huge page is never shared, so fork splits it first; and splitting its mapping
/// splits the page: its frames are freed one by one.
///
/// @kernel mm/huge_memory.c
final class HugeMemory {
  private HugeMemory() {}

  /// Handles a fault at an address where a huge page may be. The caller holds the page-table lock.
  ///
  /// @return the entry of the page, or null when page-table entries are in charge
  /// @kernel mm/huge_memory.c do_huge_pmd_anonymous_page(), do_huge_pmd_wp_page()
  static @Nullable Pte fault(MmStruct mm, VmAreaStruct vma, Hva hva, boolean write) {
    PageTable table = mm.pageTable();
    Pte huge = table.huge(hva);
    boolean none = table.pmd(hva) == null;
    if (none && fits(vma, hva) && !mm.unstable()) {
      huge = new Pte(mm.allocHuge(new long[Hva.PAGES_PER_HPAGE]).pfn(), vma.writable());
      table.setPmd(hva, new Pmd(huge));
    } else if (none) {
      table.setPmd(hva, Pmd.TABLE);
    } else if (huge != null && write && !huge.writable()) {
      huge = huge.mkwrite();
      table.setPmd(hva, new Pmd(huge));
    }
    return huge == null ? null : Pmd.pte(huge, hva);
  }

  /// `transhuge_vma_suitable()`: whether the whole huge page around `hva` lies in `vma`, which
  /// wants huge pages.
  static boolean fits(VmAreaStruct vma, Hva hva) {
    Hva start = hva.hugePageStart();
    return vma.hugePages()
        && vma.file() == null
        && vma.start().compareTo(start) <= 0
        && start.plus(Hva.HPAGE_SIZE).compareTo(vma.end()) <= 0;
  }

  // tag::split[]
  /// Replaces the mapping of the huge page around `hva`, if there is one, by page-table entries of
  /// the same frames. A section of its own, over the whole huge page, mostly inside another one.
  /// The caller holds `mmap_lock` or a lock of the reverse mapping.
  ///
  /// @kernel mm/huge_memory.c __split_huge_pmd()
  static void splitHugePmd(MmStruct mm, Hva hva) {
    Hva start = hva.hugePageStart();
    MmuNotifierRange range = new MmuNotifierRange(start, start.plus(Hva.HPAGE_SIZE), true);
    PageTable table = mm.pageTable();
    mm.notifierSubscriptions().invalidateRangeStart(range);
    table.lock();
    Pte huge = table.huge(hva);
    if (huge != null) {
      Hva page = start;
      for (int i = 0; i < Hva.PAGES_PER_HPAGE; i++) {
        table.deposit(page, Pmd.pte(huge, page));
        page = page.plus(Hva.PAGE_SIZE);
      }
      // Behind the entries: a walk finds the huge page or all of them.
      table.setPmd(hva, Pmd.TABLE);
    }
    table.unlock();
    mm.notifierSubscriptions().invalidateRangeOnlyEnd(range);
  }

  // end::split[]

  /// Splits the huge pages that the range from `start` to `end` covers in part. None but its two
  /// ends can.
  static void splitAtEdges(MmStruct mm, Hva start, Hva end) {
    if (!start.equals(start.hugePageStart()) && mm.pageTable().transHuge(start)) {
      splitHugePmd(mm, start);
    }
    Hva last = end.plus(-1);
    if (!end.equals(end.hugePageStart()) && mm.pageTable().transHuge(last)) {
      splitHugePmd(mm, last);
    }
  }

  /// Splits every huge page of which a part is in the range from `start` to `end`.
  static void splitAll(MmStruct mm, Hva start, Hva end) {
    for (Hva page = start; page.compareTo(end) < 0; page = page.plus(Hva.PAGE_SIZE)) {
      if (mm.pageTable().transHuge(page)) {
        splitHugePmd(mm, page);
      }
    }
  }
}
