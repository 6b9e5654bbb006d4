// SPDX-License-Identifier: MIT
package kvmlab.mm;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import kvmlab.kernel.RefCell;
import kvmlab.kernel.Spinlock;
import org.jspecify.annotations.Nullable;

/// The page table of an address space: written under its lock, walked by anybody without.
///
/// Simplified: one lock for the whole table, where Linux has one for each page of it. Two sections
/// of one address space never edit at the same time; they overlap all the same. And there are no
/// levels, but for ranges that may hold huge pages: these have an entry each that says whether they
/// do.
///
/// @kernel include/linux/pgtable.h; mm/pgtable-generic.c
final class PageTable {

  // A huge page is split so that a walk without the lock finds the same frame at every moment: the
  // page-table entries are written while nobody can reach them, and published by one store to the
  // entry above. The store is a release and the walk's read an acquire, where Linux has smp_wmb()
  // and an address dependency.

  // Needs no lock.
  private final Supplier<MmObserver> observer;
  private final Spinlock lock = Spinlock.define("page_table_lock");
  private boolean watched;

  // Written under lock.
  private final List<RefCell<PteEntry>> ptes;

  /// One for each range of a huge page; null where no area has asked for huge pages.
  private final List<@Nullable RefCell<Pmd>> pmds = new ArrayList<>();

  PageTable(int pages, Supplier<MmObserver> observer) {
    this.observer = observer;
    ptes = new ArrayList<>(pages);
    for (int page = 0; page < pages; page++) {
      ptes.add(new RefCell<PteEntry>("pte(h" + page + ")", null).guardedBy(lock));
    }
    for (int page = 0; page < pages; page += Hva.PAGES_PER_HPAGE) {
      pmds.add(null);
    }
  }

  /// Returns the lock, for what else it guards.
  Spinlock ptl() {
    return lock;
  }

  /// Takes the lock: `pte_offset_map_lock()`.
  void lock() {
    lock.lock();
  }

  /// Takes the lock of a child while that of the parent is held.
  void lockNested() {
    lock.lockNested(1);
  }

  void unlock() {
    lock.unlock();
  }

  int pages() {
    return ptes.size();
  }

  // ---- entries

  /// Returns the entry of `hva`. The caller holds the lock, and no huge page is there.
  @Nullable PteEntry get(Hva hva) {
    return pte(hva).get();
  }

  /// Returns the frame at `hva`, through a huge page or not. The caller holds the lock.
  @Nullable Pte present(Hva hva) {
    Pte huge = huge(hva);
    if (huge != null) {
      return Pmd.pte(huge, hva);
    }
    return isTable(hva) && get(hva) instanceof Pte pte ? pte : null;
  }

  /// Changes the entry of `hva`: `set_pte_at()`. The caller holds the lock.
  void set(Hva hva, @Nullable PteEntry entry) {
    pte(hva).writeOnce(entry);
    observer.get().pteChanged(hva);
  }

  /// Changes the entry that maps `hva`, of the page or of the huge page. The caller holds the lock.
  void replace(Hva hva, UnaryOperator<Pte> change) {
    Pte huge = huge(hva);
    if (huge != null) {
      setPmd(hva, new Pmd(change.apply(huge)));
    } else if (get(hva) instanceof Pte pte) {
      set(hva, change.apply(pte));
    }
  }

  /// Returns the frame at `hva` as the hardware's own walk finds it: nothing but the caller's
  /// barriers orders this read.
  @Nullable Pte walk(Hva hva) {
    RefCell<Pmd> above = pmdCell(hva);
    if (above != null) {
      Pmd pmd = above.smpLoadAcquire();
      if (pmd == null) {
        return null;
      }
      Pte huge = pmd.huge();
      if (huge != null) {
        return Pmd.pte(huge, hva);
      }
    }
    return pte(hva).readOnce() instanceof Pte pte ? pte : null;
  }

  // ---- huge pages

  /// Lets the range of a huge page that holds `hva` hold one. To be called before anybody else uses
  /// the range.
  void allowHuge(Hva hva) {
    int index = Math.toIntExact(hva.hugePageStart().pageNumber() / Hva.PAGES_PER_HPAGE);
    if (pmds.get(index) == null) {
      RefCell<Pmd> pmd = new RefCell<Pmd>("pmd(" + hva.hugePageStart() + ")", null).guardedBy(lock);
      if (watched) {
        pmd.watch();
      }
      pmds.set(index, pmd);
    }
  }

  /// Returns whether a huge page may be at `hva`.
  boolean mayBeHuge(Hva hva) {
    return pmdCell(hva) != null;
  }

  /// Returns the upper entry of `hva`, where there may be a huge page. The caller holds the lock.
  @Nullable Pmd pmd(Hva hva) {
    return Objects.requireNonNull(pmdCell(hva)).get();
  }

  /// Returns whether a huge page is mapped at `hva`. The caller holds the lock.
  boolean isHuge(Hva hva) {
    return huge(hva) != null;
  }

  /// Returns whether there are page-table entries at `hva`: nothing else is in charge. The caller
  /// holds the lock.
  boolean isTable(Hva hva) {
    return !mayBeHuge(hva) || Pmd.TABLE.equals(pmd(hva));
  }

  /// Returns the entry of the huge page that is mapped at `hva`, or null. The caller holds the
  /// lock.
  @Nullable Pte huge(Hva hva) {
    Pmd pmd = mayBeHuge(hva) ? pmd(hva) : null;
    return pmd == null ? null : pmd.huge();
  }

  /// `pmd_trans_huge(*pmd)`, read without the lock.
  boolean transHuge(Hva hva) {
    RefCell<Pmd> pmd = pmdCell(hva);
    Pmd found = pmd == null ? null : pmd.smpLoadAcquire();
    return found != null && found.huge() != null;
  }

  /// Changes the upper entry of `hva`: `set_pmd_at()`. The caller holds the lock.
  void setPmd(Hva hva, @Nullable Pmd pmd) {
    Objects.requireNonNull(pmdCell(hva)).smpStoreRelease(pmd);
    Hva page = hva.hugePageStart();
    for (int i = 0; i < Hva.PAGES_PER_HPAGE; i++) {
      observer.get().pteChanged(page);
      page = page.plus(Hva.PAGE_SIZE);
    }
  }

  /// Writes an entry that nobody can reach yet: `pmd_populate()` comes later. The caller holds the
  /// lock.
  void deposit(Hva hva, @Nullable PteEntry entry) {
    pte(hva).writeOnce(entry);
  }

  private @Nullable RefCell<Pmd> pmdCell(Hva hva) {
    return pmds.get(Math.toIntExact(hva.pageNumber() / Hva.PAGES_PER_HPAGE));
  }

  private RefCell<PteEntry> pte(Hva hva) {
    return ptes.get(Math.toIntExact(hva.pageNumber()));
  }

  // ---- for invariants and reports

  void watch() {
    watched = true;
    ptes.forEach(RefCell::watch);
    for (RefCell<Pmd> pmd : pmds) {
      if (pmd != null) {
        pmd.watch();
      }
    }
  }

  @Nullable Pte latest(Hva hva) {
    RefCell<Pmd> above = pmdCell(hva);
    Pmd pmd = above == null ? Pmd.TABLE : above.latest();
    if (pmd == null) {
      return null;
    }
    Pte huge = pmd.huge();
    return huge != null ? Pmd.pte(huge, hva) : pte(hva).latest() instanceof Pte pte ? pte : null;
  }
}
