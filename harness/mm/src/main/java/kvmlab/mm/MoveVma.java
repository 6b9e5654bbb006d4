// SPDX-License-Identifier: MIT
package kvmlab.mm;

/// Moves memory to other addresses. The caller holds `mmap_lock` for writing.
///
/// @kernel mm/mremap.c move_vma(), move_page_tables()
final class MoveVma {
  private MoveVma() {}

  /// Moves the entries of the pages from `start` to `end` so that the first is at `to`. Nobody is
  /// told of the new addresses: nothing was there.
  ///
  /// Simplified: the locks of the reverse mapping are not taken, and huge pages are split, where
  /// Linux moves a whole one.
  static void movePageTables(MmStruct mm, Hva start, Hva end, Hva to) {
    MmuNotifierRange range = new MmuNotifierRange(start, end, true);
    mm.notifierSubscriptions().invalidateRangeStart(range);
    HugeMemory.splitAll(mm, start, end);
    PageTable table = mm.pageTable();
    table.lock();
    Hva target = to;
    for (Hva page = start; page.compareTo(end) < 0; page = page.plus(Hva.PAGE_SIZE)) {
      PteEntry entry = table.isTable(page) ? table.get(page) : null;
      if (entry != null) {
        table.set(page, null);
        if (!table.isTable(target)) {
          table.setPmd(target, Pmd.TABLE);
        }
        table.set(target, entry);
      }
      target = target.plus(Hva.PAGE_SIZE);
    }
    table.unlock();
    mm.notifierSubscriptions().invalidateRangeEnd(range);
  }
}
