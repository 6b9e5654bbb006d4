// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import kvmlab.kernel.Ktrace;
import kvmlab.kernel.RefCell;
import kvmlab.mm.Pfn;
import org.jspecify.annotations.Nullable;

/// The second page table: from guest pages to host frames, one entry for each page of each address
/// space. Written under `mmu_lock` for writing; the hardware walks it without a lock.
///
/// Simplified: all entries are of 4 KiB and the table has one level. Races between a walk and the
/// freeing of page-table pages, and those of huge pages, cannot be seen here.
///
/// @kernel arch/x86/kvm/mmu/mmu.c
public final class SecondaryMmu {
  private final Kvm kvm;
  private final List<List<RefCell<Spte>>> roots = new ArrayList<>(1);

  SecondaryMmu(Kvm kvm, KvmConfig config) {
    this.kvm = kvm;
    for (int asId = 0; asId < config.addressSpaces(); asId++) {
      List<RefCell<Spte>> root = new ArrayList<>(config.guestPages());
      for (int gfn = 0; gfn < config.guestPages(); gfn++) {
        String name = asId == 0 ? "spte(g" + gfn + ")" : "spte(as" + asId + ", g" + gfn + ")";
        root.add(new RefCell<Spte>(name, null).guardedBy(kvm.mmuLock));
      }
      roots.add(root);
    }
  }

  /// Installs the translation of `gfn` to `pfn`. The caller holds `mmu_lock` for writing.
  ///
  /// @param writable whether the guest may write through it
  /// @return [RetPf#FIXED], or [RetPf#SPURIOUS] when there is nothing left to do
  /// @kernel arch/x86/kvm/mmu/mmu.c __direct_map()
  public RetPf directMap(KvmMemorySlot slot, Gfn gfn, Pfn pfn, boolean writable) {
    RefCell<Spte> entry = entry(slot.asId(), gfn);
    Spte old = entry.get();
    if (old != null && old.pfn().equals(pfn) && old.permits(writable)) {
      return RetPf.SPURIOUS;
    }
    slot.access();
    Spte spte = new Spte(pfn, writable, slot);
    entry.writeOnce(spte);
    kvm.observer().spteInstalled(kvm, gfn, spte);
    if (old != null && !old.pfn().equals(pfn)) {
      // A TLB may still translate to the frame before.
      kvm.flushRemoteTlbs();
    }
    return RetPf.FIXED;
  }

  /// Removes every translation of `range`. The caller holds `mmu_lock` for writing.
  ///
  /// @return whether there was one, so that the TLBs must be flushed before the lock is released
  /// @kernel arch/x86/kvm/mmu/mmu.c kvm_unmap_gfn_range()
  public boolean unmapGfnRange(KvmGfnRange range) {
    boolean flush = false;
    for (Gfn gfn = range.start(); gfn.compareTo(range.end()) < 0; gfn = gfn.plus(1)) {
      RefCell<Spte> entry = entry(range.slot().asId(), gfn);
      Spte old = entry.get();
      if (old != null) {
        Gfn zapped = gfn;
        Ktrace.note(() -> "zap " + zapped + " -> " + old);
        entry.writeOnce(null);
        flush = true;
      }
    }
    return flush;
  }

  /// Removes every translation, and returns when no vCPU uses one any more.
  ///
  /// @kernel arch/x86/kvm/mmu/mmu.c kvm_mmu_zap_all_fast()
  public void zapAllFast() {
    try (var _ = Ktrace.call(() -> "kvm_mmu_zap_all_fast()")) {
      // A fault that is under way installs before, and is zapped, or after, through other memslots.
      kvm.mmuLock.writeLock();
      for (List<RefCell<Spte>> root : roots) {
        for (RefCell<Spte> entry : root) {
          if (entry.get() != null) {
            entry.writeOnce(null);
          }
        }
      }
      // Whatever was found: a vCPU that is in the guest has not heard of the memslots.
      kvm.flushRemoteTlbs();
      kvm.mmuLock.writeUnlock();
    }
  }

  /// Removes every translation. The caller holds `mmu_lock` for writing.
  ///
  /// @return whether there was one, so that the TLBs must be flushed before the lock is released
  /// @kernel arch/x86/kvm/mmu/mmu.c kvm_mmu_zap_all()
  boolean zapAll() {
    boolean flush = false;
    for (List<RefCell<Spte>> root : roots) {
      for (RefCell<Spte> entry : root) {
        if (entry.get() != null) {
          entry.writeOnce(null);
          flush = true;
        }
      }
    }
    return flush;
  }

  /// Returns what the hardware finds for `gfn` when its TLB does not know it.
  @Nullable Spte walk(int asId, Gfn gfn) {
    return entry(asId, gfn).readOnce();
  }

  /// Declares that an invariant looks at the table after every event.
  void watch() {
    roots.forEach(root -> root.forEach(RefCell::watch));
  }

  /// Calls `action` with every page that is translated now, and its entry, whoever asks. For
  /// invariants and reports.
  public void forEachLatest(BiConsumer<Gfn, Spte> action) {
    for (List<RefCell<Spte>> root : roots) {
      for (int gfn = 0; gfn < root.size(); gfn++) {
        Spte spte = root.get(gfn).latest();
        if (spte != null) {
          action.accept(new Gfn(gfn), spte);
        }
      }
    }
  }

  private RefCell<Spte> entry(int asId, Gfn gfn) {
    return roots.get(asId).get(Math.toIntExact(gfn.number()));
  }
}
