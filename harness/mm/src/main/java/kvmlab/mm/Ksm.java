// SPDX-License-Identifier: MIT
package kvmlab.mm;

import org.jspecify.annotations.Nullable;

/// Lets pages with the same contents share one frame.
///
/// Simplified: pages of one address space only.
///
/// @kernel mm/ksm.c
public final class Ksm {
  private Ksm() {}

  /// What was found at a page after it lost its write permission.
  private record Protected(Pte pte, long data) {}

  /// Makes `hva` and `other`, addresses of anonymous memory, share the frame of `hva` if both hold
  /// the same. Takes `mmap_lock` for reading and the page lock.
  ///
  /// @return whether they share one
  /// @kernel mm/ksm.c try_to_merge_two_pages()
  public static boolean merge(MmStruct mm, Hva hva, Hva other) {
    mm.mmapLock().downRead();
    mm.anonVma().pageLock.lock();
    Protected kpage = writeProtectPage(mm, hva);
    Protected page = kpage == null ? null : writeProtectPage(mm, other);
    // Compared when nobody can write to either any more.
    boolean merged =
        kpage != null
            && page != null
            && kpage.data() == page.data()
            && replacePage(mm, hva, kpage.pte(), other, page.pte());
    mm.anonVma().pageLock.unlock();
    mm.mmapLock().upRead();
    return merged;
  }

  private static @Nullable Protected writeProtectPage(MmStruct mm, Hva hva) {
    if (mm.pageTable().transHuge(hva)) {
      HugeMemory.splitHugePmd(mm, hva);
    }
    MmuNotifierRange range = MmuNotifierRange.page(hva);
    mm.notifierSubscriptions().invalidateRangeStart(range);
    PageTable table = mm.pageTable();
    table.lock();
    Pte pte = table.isHuge(hva) ? null : table.present(hva);
    Protected found = null;
    if (pte != null) {
      Pte readOnly = pte.wrprotect();
      if (pte.writable()) {
        mm.notifierSubscriptions().changePte(hva, readOnly);
        table.set(hva, readOnly);
      }
      found = new Protected(readOnly, mm.frame(pte.pfn()).load());
    }
    table.unlock();
    mm.notifierSubscriptions().invalidateRangeEnd(range);
    return found;
  }

  private static boolean replacePage(MmStruct mm, Hva hva, Pte kpte, Hva other, Pte original) {
    MmuNotifierRange range = MmuNotifierRange.page(other);
    mm.notifierSubscriptions().invalidateRangeStart(range);
    PageTable table = mm.pageTable();
    table.lock();
    PageFrame kpage = mm.frame(kpte.pfn());
    PageFrame page = mm.frame(original.pfn());
    // Neither may have changed since it was looked at: a page that was written to has a new frame,
    // or may be written to.
    boolean merged =
        kpage != page && kpte.equals(table.present(hva)) && original.equals(table.present(other));
    boolean last = false;
    if (merged) {
      kpage.get();
      Pte shared = new Pte(kpte.pfn(), false, original.young());
      table.set(other, null);
      mm.notifierSubscriptions().changePte(other, shared);
      table.set(other, shared);
      last = page.put();
    }
    table.unlock();
    if (last) {
      page.free();
    }
    mm.notifierSubscriptions().invalidateRangeEnd(range);
    return merged;
  }
}
