// SPDX-License-Identifier: MIT
package kvmlab.mm;

/// Reclaim: takes frames away from pages that nobody has used for a while.
///
/// Simplified: the swap area never fills up, and pages of files are not reclaimed.
///
/// @kernel mm/vmscan.c shrink_page_list()
public final class Vmscan {
  private Vmscan() {}

  /// Tries to reclaim the frame behind `hva`, an address of anonymous memory. A page that has been
  /// used since the last try is left alone, once. Takes the page lock, and `anon_vma` for reading;
  /// not `mmap_lock`.
  ///
  /// @return whether the frame was freed
  public static boolean shrinkPage(MmStruct mm, Hva hva) {
    AnonVma anonVma = mm.anonVma();
    Pte found = mm.pageTable().walk(hva);
    if (found == null || !anonVma.pageLock.trylock()) {
      return false;
    }
    PageFrame frame = mm.frame(found.pfn());
    boolean reclaimed =
        !Rmap.pageReferenced(anonVma, frame, hva) && Rmap.tryToUnmap(anonVma, frame, hva, false);
    if (reclaimed) {
      frame.free();
    }
    anonVma.pageLock.unlock();
    return reclaimed;
  }
}
