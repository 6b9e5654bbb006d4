// SPDX-License-Identifier: MIT
package kvmlab.mm;

import org.jspecify.annotations.Nullable;

/// Moves pages to other frames.
///
/// @kernel mm/migrate.c migrate_pages(), unmap_and_move()
public final class Migrate {
  private Migrate() {}

  /// Moves the page at `hva`, an address of anonymous memory, to a new frame and frees the old one.
  /// Takes the page lock, and `anon_vma` for reading; not `mmap_lock`. Who touches the page in
  /// between waits for the page lock.
  ///
  /// @return whether the page was moved
  public static boolean unmapAndMove(MmStruct mm, Hva hva) {
    AnonVma anonVma = mm.anonVma();
    if (mm.pageTable().walk(hva) == null) {
      return false;
    }
    anonVma.pageLock.lock();
    PageFrame old = isolate(mm, hva);
    boolean moved = old != null && unmapAndMove(mm, anonVma, old, hva);
    anonVma.pageLock.unlock();
    return moved;
  }

  /// Returns the frame behind `hva`, with one more user; null where there is none any more.
  ///
  /// @kernel mm/vmscan.c isolate_lru_page()
  private static @Nullable PageFrame isolate(MmStruct mm, Hva hva) {
    mm.pageTable().lock();
    Pte pte = mm.pageTable().present(hva);
    PageFrame frame = pte == null ? null : mm.frame(pte.pfn());
    if (frame != null) {
      frame.get();
    }
    mm.pageTable().unlock();
    return frame;
  }

  private static boolean unmapAndMove(MmStruct mm, AnonVma anonVma, PageFrame old, Hva hva) {
    Rmap.tryToUnmap(anonVma, old, hva, true);
    // A page that KSM has merged is mapped elsewhere, too, and stays.
    boolean moves = !old.shared();
    PageFrame target = moves ? copy(mm, old) : old;
    boolean mapped = removeMigrationPtes(anonVma, old, target, hva);
    // Without the user that was added, whoever unmapped it elsewhere meanwhile would have freed it.
    if (old.put()) {
      old.free();
    }
    if (moves && !mapped) {
      target.free();
    }
    return moves && mapped;
  }

  private static PageFrame copy(MmStruct mm, PageFrame old) {
    long data = old.load();
    mm.pageTable().lock();
    PageFrame target = mm.allocPage(data);
    mm.pageTable().unlock();
    return target;
  }

  /// Maps `target` where `old` was. Nobody is notified: an absent page becomes present.
  ///
  /// @return whether there was such a place
  /// @kernel mm/migrate.c remove_migration_ptes()
  private static boolean removeMigrationPtes(
      AnonVma anonVma, PageFrame old, PageFrame target, Hva hva) {
    boolean counted = old == target;
    boolean mapped = false;
    anonVma.rwsem.downRead();
    for (MmStruct mm : anonVma.family()) {
      PageTable table = mm.pageTable();
      table.lock();
      if (table.isTable(hva)
          && table.get(hva) instanceof SwpEntry swap
          && swap.migrating() instanceof Pte before
          && before.pfn().equals(old.pfn())) {
        if (mapped || counted) {
          target.get();
        }
        mapped = true;
        table.set(hva, new Pte(target.pfn(), before.writable(), before.young()));
      }
      table.unlock();
    }
    anonVma.rwsem.upRead();
    return mapped;
  }
}
