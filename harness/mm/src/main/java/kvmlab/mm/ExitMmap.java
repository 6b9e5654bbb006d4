// SPDX-License-Identifier: MIT
package kvmlab.mm;

import java.util.List;

/// The end of an address space. Nobody runs in it any more, so no lock is held; but others still
/// reach it through the reverse mapping.
///
/// @kernel mm/mmap.c exit_mmap()
final class ExitMmap {
  private ExitMmap() {}

  static void exitMmap(MmStruct mm) {
    // First: from here on no subscriber has a translation, nor makes one, nor is told anything.
    mm.notifierSubscriptions().release();
    List<VmAreaStruct> areas = mm.areas().allUnlocked();
    if (mm.hasFlag(MmStruct.MMF_OOM_VICTIM)) {
      OomReaper.reap(mm, areas);
      mm.setFlag(MmStruct.MMF_OOM_SKIP);
      // Whoever reaps now has seen the flag, or is waited for.
      mm.mmapLock().downWrite();
      mm.mmapLock().upWrite();
    }
    MmuNotifierRange all = new MmuNotifierRange(new Hva(0), Hva.ULONG_MAX, true);
    mm.notifierSubscriptions().invalidateRangeStart(all);
    Zap.unmapPageRange(mm, new Hva(0), Hva.page(mm.pageTable().pages()));
    mm.notifierSubscriptions().invalidateRangeEnd(all);
    mm.areas().removeAll(areas);
  }
}
