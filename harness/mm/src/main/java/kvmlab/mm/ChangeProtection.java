// SPDX-License-Identifier: MIT
package kvmlab.mm;

/// Changes what a program may do with its memory. The caller holds `mmap_lock` for writing.
///
/// @kernel mm/mprotect.c change_protection(), change_pmd_range()
final class ChangeProtection {
  private ChangeProtection() {}

  /// Adapts the page-table entries from `start` to `end` to `prot`. Entries never become writable
  /// here: the next write faults, and finds out whether the frame is shared.
  static void changeProtection(MmStruct mm, Hva start, Hva end, Prot prot) {
    MmuNotifierRange range = new MmuNotifierRange(start, end, true);
    mm.notifierSubscriptions().invalidateRangeStart(range);
    HugeMemory.splitAtEdges(mm, start, end);
    PageTable table = mm.pageTable();
    table.lock();
    for (Hva page = start; page.compareTo(end) < 0; page = page.plus(Hva.PAGE_SIZE)) {
      Pte pte = table.present(page);
      if (pte != null && pte.writable() && prot == Prot.READ) {
        table.replace(page, Pte::wrprotect);
      }
    }
    table.unlock();
    mm.notifierSubscriptions().invalidateRangeEnd(range);
  }
}
