// SPDX-License-Identifier: MIT
package kvmlab.mm;

/// Asks whether a page of anonymous memory has been used, from outside reclaim.
///
/// @kernel mm/page_idle.c page_idle_clear_pte_refs_one(); mm/khugepaged.c
///   __collapse_huge_page_isolate()
public final class PageIdle {
  private PageIdle() {}

  /// Clears the accessed bits of the page at `hva`, without a flush. Takes `anon_vma` for reading;
  /// not `mmap_lock`.
  ///
  /// @return whether one was set
  public static boolean clearYoung(MmStruct mm, Hva hva) {
    mm.anonVma().rwsem.downRead();
    mm.pageTable().lock();
    boolean young = mm.pageTable().present(hva) != null && Young.clear(mm, hva);
    mm.pageTable().unlock();
    mm.anonVma().rwsem.upRead();
    return young;
  }

  /// Returns whether an accessed bit of the page at `hva` is set. Takes `mmap_lock` for reading.
  public static boolean testYoung(MmStruct mm, Hva hva) {
    mm.mmapLock().downRead();
    mm.pageTable().lock();
    Pte pte = mm.pageTable().present(hva);
    boolean young = pte != null && (pte.young() || mm.notifierSubscriptions().testYoung(hva));
    mm.pageTable().unlock();
    mm.mmapLock().upRead();
    return young;
  }
}
