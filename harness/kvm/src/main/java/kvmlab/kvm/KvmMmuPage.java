// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import kvmlab.kernel.RefCell;
import kvmlab.mm.Hva;
import org.jspecify.annotations.Nullable;

/// A root of the secondary page table, with everything below it: a cell for each page that can have
/// an entry of its own, and, where the VM has huge pages, one for each that can be a part of a huge
/// entry.
///
/// The hardware looks at the huge entry first. While there is one, no entry of its pages is below.
///
/// Simplified: page-table pages are never freed, so races between that and a walk cannot be seen.
///
/// @kernel arch/x86/kvm/mmu/mmu_internal.h struct kvm_mmu_page
final class KvmMmuPage {
  private final int asId;
  private final long mmuValidGen;
  private final List<RefCell<Spte>> small;
  private final List<RefCell<Spte>> huge;

  KvmMmuPage(Kvm kvm, KvmConfig config, int asId, long mmuValidGen) {
    this.asId = asId;
    this.mmuValidGen = mmuValidGen;
    String root = (mmuValidGen == 0 ? "" : "root " + mmuValidGen + ", ");
    String prefix = "spte(" + root + (asId == 0 ? "" : "as" + asId + ", ");
    this.small = new ArrayList<>(config.guestPages());
    for (int gfn = 0; gfn < config.guestPages(); gfn++) {
      small.add(new RefCell<Spte>(prefix + "g" + gfn + ")", null).guardedBy(kvm.mmuLock));
    }
    this.huge = new ArrayList<>(1);
    for (int gfn = 0; config.hugePages() && gfn < small.size(); gfn += Hva.PAGES_PER_HPAGE) {
      String name = prefix + "g" + gfn + ", 2 MiB)";
      huge.add(new RefCell<Spte>(name, null).guardedBy(kvm.mmuLock));
    }
  }

  int asId() {
    return asId;
  }

  /// Returns the value of `mmu_valid_gen` for which the root was made.
  long mmuValidGen() {
    return mmuValidGen;
  }

  /// Returns the cell of the entry of `gfn` alone.
  RefCell<Spte> small(Gfn gfn) {
    return small.get(Math.toIntExact(gfn.number()));
  }

  /// Returns the cell of the huge entry that would translate `gfn`; null in a VM without huge
  /// pages.
  @Nullable RefCell<Spte> huge(Gfn gfn) {
    return huge.isEmpty() ? null : huge.get(Math.toIntExact(gfn.number() / Hva.PAGES_PER_HPAGE));
  }

  /// Calls `action` with each entry that can translate a page from `start` to `end`, whichever page
  /// a huge one begins at: with a page of the two, and the cell.
  void forEachEntry(Gfn start, Gfn end, BiConsumer<Gfn, RefCell<Spte>> action) {
    for (Gfn gfn = start; gfn.compareTo(end) < 0; gfn = gfn.plus(1)) {
      RefCell<Spte> above = huge(gfn);
      if (above != null && (gfn.equals(start) || isFirst(gfn))) {
        action.accept(gfn, above);
      }
      action.accept(gfn, small(gfn));
    }
  }

  /// Declares that an invariant looks at the entries after every event.
  void watch() {
    huge.forEach(RefCell::watch);
    small.forEach(RefCell::watch);
  }

  /// Calls `action` with every page that is translated now, and the entry that does it, whoever
  /// asks.
  void forEachLatest(BiConsumer<Gfn, Spte> action) {
    for (int number = 0; number < small.size(); number++) {
      Gfn gfn = new Gfn(number);
      RefCell<Spte> above = huge(gfn);
      Spte spte = above == null ? null : above.latest();
      if (spte == null) {
        spte = small(gfn).latest();
      }
      if (spte != null) {
        action.accept(gfn, spte);
      }
    }
  }

  private static boolean isFirst(Gfn gfn) {
    return gfn.number() % Hva.PAGES_PER_HPAGE == 0;
  }
}
