// SPDX-License-Identifier: MIT
package kvmlab.mm;

/// The accessed bit of one page, small or huge: of the host's entry and of the subscribers'
/// translations. The caller holds the page-table lock.
///
/// @kernel include/linux/mmu_notifier.h ptep_clear_flush_young_notify(), ptep_clear_young_notify()
final class Young {
  private Young() {}

  /// Clears the bit, and returns whether it was set anywhere.
  static boolean clearFlush(MmStruct mm, Hva hva) {
    Hva start = start(mm.pageTable(), hva);
    Hva end = end(mm.pageTable(), hva);
    return clear(mm.pageTable(), hva) | mm.notifierSubscriptions().clearFlushYoung(start, end);
  }

  /// Clears the bit without a flush, and returns whether it was set anywhere.
  static boolean clear(MmStruct mm, Hva hva) {
    Hva start = start(mm.pageTable(), hva);
    Hva end = end(mm.pageTable(), hva);
    return clear(mm.pageTable(), hva) | mm.notifierSubscriptions().clearYoung(start, end);
  }

  private static boolean clear(PageTable table, Hva hva) {
    Pte pte = table.present(hva);
    if (pte == null || !pte.young()) {
      return false;
    }
    table.replace(hva, Pte::mkold);
    return true;
  }

  private static Hva start(PageTable table, Hva hva) {
    return table.isHuge(hva) ? hva.hugePageStart() : hva;
  }

  private static Hva end(PageTable table, Hva hva) {
    return start(table, hva).plus(table.isHuge(hva) ? Hva.HPAGE_SIZE : Hva.PAGE_SIZE);
  }
}
