// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;
import kvmlab.kernel.Ktrace;
import kvmlab.kernel.LongCell;
import kvmlab.kernel.RefCell;
import kvmlab.mm.Hva;
import kvmlab.mm.Pfn;
import kvmlab.mm.Pte;
import org.jspecify.annotations.Nullable;

/// The second page table: from guest pages to host frames, for each address space. Written under
/// `mmu_lock` for writing; the hardware walks it without a lock.
///
/// Entries are of 4 KiB, and of 2 MiB where the VM has huge pages, the host maps one, and memslot
/// and host address are aligned to each other.
///
/// @kernel arch/x86/kvm/mmu/mmu.c
public final class SecondaryMmu {

  // A memslot that goes away takes every translation with it, at once: mmu_valid_gen moves on, so
  // all roots are obsolete, and each vCPU loads a new one before it enters the guest again.
  //
  //   write_lock(mmu_lock) > mmu_valid_gen++ > kick all vCPUs > zap obsolete roots > unlock
  //
  // A fault that is under way still has the root from before. It must not install there: the zap
  // is over. Invalidations look at every root all the same, as a translation in an obsolete one
  // stands for a page that KVM still relies on.
  //
  // Simplified: the generation counts up, where the kernel's is 0 and 1 in turn; obsolete roots
  // stay on the list, empty.

  private final Kvm kvm;
  private final KvmConfig config;
  private boolean watched;

  // Guarded by mmu_lock.
  private final LongCell mmuValidGen;

  /// Every root, the valid one of each address space included.
  private final RefCell<List<KvmMmuPage>> activeMmuPages;

  SecondaryMmu(Kvm kvm, KvmConfig config) {
    this.kvm = kvm;
    this.config = config;
    this.mmuValidGen = new LongCell("mmu_valid_gen", 0).guardedBy(kvm.mmuLock).hidden();
    this.activeMmuPages =
        new RefCell<List<KvmMmuPage>>("active_mmu_pages", newRoots(0))
            .guardedBy(kvm.mmuLock)
            .hidden();
  }

  // ---- roots

  private List<KvmMmuPage> newRoots(long gen) {
    List<KvmMmuPage> roots = new ArrayList<>(config.addressSpaces());
    for (int asId = 0; asId < config.addressSpaces(); asId++) {
      KvmMmuPage root = new KvmMmuPage(kvm, config, asId, gen);
      if (watched) {
        root.watch();
      }
      roots.add(root);
    }
    return List.copyOf(roots);
  }

  private List<KvmMmuPage> roots() {
    return Objects.requireNonNull(activeMmuPages.get());
  }

  /// Returns the root of address space `asId` that is to be used now. The caller holds `mmu_lock`.
  KvmMmuPage validRoot(int asId) {
    for (KvmMmuPage root : roots()) {
      if (root.asId() == asId && !isObsolete(root)) {
        return root;
      }
    }
    throw new AssertionError("address space " + asId + " has no valid root");
  }

  /// Returns whether an update of the memslots has made `root` obsolete. The caller holds
  /// `mmu_lock`.
  ///
  /// @kernel arch/x86/kvm/mmu/mmu.c is_obsolete_sp()
  boolean isObsolete(KvmMmuPage root) {
    return root.mmuValidGen() != mmuValidGen.get();
  }

  /// Makes every root obsolete, and returns when no vCPU uses one and no entry is left. The caller
  /// holds `slots_lock`.
  ///
  /// Simplified: the entries are removed under one hold of `mmu_lock`, where the kernel may let
  /// others in between two pages.
  ///
  /// @kernel arch/x86/kvm/mmu/mmu.c kvm_mmu_zap_all_fast()
  public void zapAllFast() {
    try (var _ = Ktrace.call(() -> "kvm_mmu_zap_all_fast()")) {
      kvm.mmuLock.writeLock();
      invalidateAllRoots();
      zapInvalidatedRoots();
      kvm.mmuLock.writeUnlock();
    }
  }

  /// Makes every root obsolete, and returns when no vCPU uses one; their entries are still there.
  /// The caller holds `slots_lock`, and `mmu_lock` for writing.
  ///
  /// @kernel arch/x86/kvm/mmu/tdp_mmu.c kvm_tdp_mmu_invalidate_all_roots(), before d62007edf01f
  public void invalidateAllRoots() {
    long gen = mmuValidGen.get() + 1;
    mmuValidGen.set(gen);
    List<KvmMmuPage> all = new ArrayList<>(newRoots(gen));
    all.addAll(roots());
    activeMmuPages.set(List.copyOf(all));
    // Under the lock, or a vCPU could load the root from before again. Flushes, too, whatever is
    // found: a vCPU that is in the guest has not heard of the memslots.
    kvm.makeAllCpusRequest(KvmRequest.MMU_RELOAD);
  }

  /// Removes what is left in obsolete roots. No vCPU uses one, so no TLB needs to be flushed. The
  /// caller holds `mmu_lock` for writing.
  ///
  /// @kernel arch/x86/kvm/mmu/tdp_mmu.c kvm_tdp_mmu_zap_invalidated_roots(), before d62007edf01f
  public void zapInvalidatedRoots() {
    zap(roots().stream().filter(this::isObsolete).toList());
  }

  /// Removes every translation: the address space or the VM goes away. The caller holds `mmu_lock`
  /// for writing.
  ///
  /// @return whether there was one, so that the TLBs must be flushed before the lock is released
  /// @kernel arch/x86/kvm/mmu/mmu.c kvm_mmu_zap_all()
  boolean zapAll() {
    return zap(roots());
  }

  private boolean zap(List<KvmMmuPage> roots) {
    boolean flush = false;
    for (KvmMmuPage root : roots) {
      flush |= zap(root, new Gfn(0), new Gfn(config.guestPages()));
    }
    return flush;
  }

  // ---- faults

  /// Installs the translation of `gfn` to `pfn` in the valid root, as large as it may be. The
  /// caller holds `mmu_lock` for writing.
  ///
  /// @param writable whether the guest may write through it
  /// @return [RetPf#FIXED], or [RetPf#SPURIOUS] when there is nothing left to do
  /// @kernel arch/x86/kvm/mmu/mmu.c __direct_map()
  public RetPf directMap(KvmMemorySlot slot, Gfn gfn, Pfn pfn, boolean writable) {
    return directMap(validRoot(slot.asId()), slot, gfn, pfn, writable);
  }

  /// Installs the translation of `gfn` to `pfn` in the root that `vcpu` runs on. The caller holds
  /// `mmu_lock` for writing, and has seen that the root [is valid][Vcpu#isPageFaultStale].
  public RetPf directMap(Vcpu vcpu, KvmMemorySlot slot, Gfn gfn, Pfn pfn, boolean writable) {
    return directMap(vcpu.root(), slot, gfn, pfn, writable);
  }

  private RetPf directMap(KvmMmuPage root, KvmMemorySlot slot, Gfn gfn, Pfn pfn, boolean writable) {
    // Under the lock and after the retry test: the host splits a huge page between a start and an
    // end of the whole of it.
    return directMap(root, slot, gfn, pfn, writable, isHugePage(slot, gfn));
  }

  /// Installs a translation of `gfn` of a size that the caller has found out before, in the valid
  /// root. The caller holds `mmu_lock` for writing.
  ///
  /// @param huge whether to map the whole huge page around `gfn`: what [#isHugePage] said
  public RetPf directMap(KvmMemorySlot slot, Gfn gfn, Pfn pfn, boolean writable, boolean huge) {
    return directMap(validRoot(slot.asId()), slot, gfn, pfn, writable, huge);
  }

  private RetPf directMap(
      KvmMmuPage root, KvmMemorySlot slot, Gfn gfn, Pfn pfn, boolean writable, boolean huge) {
    RefCell<Spte> above = root.huge(gfn);
    RefCell<Spte> entry = huge && above != null ? above : root.small(gfn);
    Spte old = entry.get();
    if (old != null && old.pfn(gfn).equals(pfn) && old.permits(writable)) {
      return RetPf.SPURIOUS;
    }
    slot.access();
    boolean flush = old != null && !old.pfn(gfn).equals(pfn);
    if (above != null) {
      // Either the huge entry or those below it: the hardware must never find both.
      flush |= huge ? zapBelow(root, gfn) : zap(gfn, above);
    }
    Pfn first = huge ? new Pfn(pfn.number() - gfn.number() % Hva.PAGES_PER_HPAGE) : pfn;
    Spte spte = new Spte(first, writable, slot, huge, true);
    if (writable) {
      slot.markPageDirty(gfn);
    }
    entry.writeOnce(spte);
    kvm.observer().spteInstalled(kvm, gfn, spte);
    if (flush) {
      // A TLB may still translate to the frame before.
      kvm.flushRemoteTlbs();
    }
    return RetPf.FIXED;
  }

  /// Returns whether `gfn` may be mapped by a huge entry: the VM has them, guest and host address
  /// of `slot` are aligned to each other, the huge page lies inside it, and the host maps one now.
  /// Only under `mmu_lock` and after the retry test does that stay so until the entry is written.
  ///
  /// @kernel arch/x86/kvm/mmu/mmu.c kvm_mmu_hugepage_adjust(), kvm_mmu_max_mapping_level();
  ///   arch/x86/kvm/x86.c kvm_alloc_memslot_metadata()
  public boolean isHugePage(KvmMemorySlot slot, Gfn gfn) {
    if (!config.hugePages() || slot.logsDirtyPages()) {
      return false;
    }
    Gfn first = new Gfn(gfn.number() - gfn.number() % Hva.PAGES_PER_HPAGE);
    long misaligned = slot.baseGfn().number() ^ slot.userspaceAddr().pageNumber();
    return misaligned % Hva.PAGES_PER_HPAGE == 0
        && slot.contains(first)
        && slot.contains(first.plus(Hva.PAGES_PER_HPAGE - 1))
        && kvm.mm.mappingLevel(slot.gfnToHva(gfn)) > 1;
  }

  // ---- invalidations

  /// Removes every translation of `range`, in obsolete roots, too. The caller holds `mmu_lock` for
  /// writing.
  ///
  /// @return whether there was one, so that the TLBs must be flushed before the lock is released
  /// @kernel arch/x86/kvm/mmu/mmu.c kvm_unmap_gfn_range()
  public boolean unmapGfnRange(KvmGfnRange range) {
    SetApicAccessPageAddr apic = kvm.piece(SetApicAccessPageAddr.class);
    if (apic != null) {
      apic.unmapGfnRange(range);
    }
    return unmap(range, roots());
  }

  /// Removes every translation of `range` that is in a valid root, and leaves those in obsolete
  /// ones: right only where no fault installs there. As in 5.13 to 5.16.
  ///
  /// @kernel arch/x86/kvm/mmu/tdp_mmu.c kvm_tdp_mmu_unmap_gfn_range(), before d62007edf01f
  public boolean unmapValidRoots(KvmGfnRange range) {
    return unmap(range, List.of(validRoot(range.slot().asId())));
  }

  private boolean unmap(KvmGfnRange range, List<KvmMmuPage> roots) {
    boolean flush = false;
    for (KvmMmuPage root : roots) {
      if (root.asId() == range.slot().asId()) {
        flush |= zap(root, range.start(), range.end());
      }
    }
    return flush;
  }

  /// Clears the young bit of every translation of `range`. The caller holds `mmu_lock` for writing.
  ///
  /// @return whether one was young
  /// @kernel arch/x86/kvm/mmu/mmu.c kvm_age_gfn()
  public boolean ageGfn(KvmGfnRange range) {
    return age(range, true);
  }

  /// Returns whether a translation of `range` is young. The caller holds `mmu_lock`.
  ///
  /// @kernel arch/x86/kvm/mmu/mmu.c kvm_test_age_gfn()
  public boolean testAgeGfn(KvmGfnRange range) {
    return age(range, false);
  }

  private boolean age(KvmGfnRange range, boolean clear) {
    boolean[] young = new boolean[1];
    for (KvmMmuPage root : roots()) {
      if (root.asId() == range.slot().asId()) {
        root.forEachEntry(
            range.start(),
            range.end(),
            (_, entry) -> {
              // Marked: the bit that is asked for is the one that the hardware sets.
              Spte spte = entry.readOnce();
              if (spte != null && spte.young()) {
                young[0] = true;
                if (clear) {
                  // Not a plain store: the hardware may set the bit at any time.
                  entry.cmpxchg(spte, spte.withYoung(false));
                }
              }
            });
      }
    }
    return young[0];
  }

  /// Follows a change of the host's entry of the one page of `range`: a translation of it becomes
  /// read-only and goes to the new frame, or is removed where the host may write, so that the next
  /// fault makes one that lets the guest. The caller holds `mmu_lock` for writing.
  ///
  /// @return whether the TLBs must be flushed before the lock is released
  /// @kernel arch/x86/kvm/mmu/mmu.c kvm_set_spte_gfn()
  public boolean setSpteGfn(KvmGfnRange range, Pte pte) {
    boolean flush = false;
    for (KvmMmuPage root : roots()) {
      if (root.asId() == range.slot().asId()) {
        RefCell<Spte> entry = root.small(range.start());
        Spte old = entry.get();
        flush |= zap(root, range.start(), range.end());
        if (old != null && !pte.writable()) {
          Spte spte = new Spte(pte.pfn(), false, range.slot());
          entry.writeOnce(spte);
          kvm.observer().spteInstalled(kvm, range.start(), spte);
        }
      }
    }
    return flush;
  }

  /// Lets the guest write no page of `range` without a fault. The caller holds `mmu_lock` for
  /// writing.
  ///
  /// Simplified: a huge entry is removed, where the kernel write-protects it and splits it later.
  ///
  /// @return whether it could, so that the TLBs must be flushed before the lock is released
  /// @kernel arch/x86/kvm/mmu/mmu.c kvm_mmu_write_protect_pt_masked(),
  ///   kvm_mmu_slot_remove_write_access()
  public boolean writeProtect(KvmGfnRange range) {
    boolean[] flush = new boolean[1];
    for (KvmMmuPage root : roots()) {
      if (root.asId() == range.slot().asId()) {
        root.forEachEntry(
            range.start(),
            range.end(),
            (gfn, entry) -> {
              Spte spte = entry.get();
              if (spte != null && spte.writable()) {
                Ktrace.note(() -> "write-protect " + gfn + " -> " + spte);
                entry.writeOnce(spte.huge() ? null : new Spte(spte.pfn(), false, spte.slot()));
                flush[0] = true;
              }
            });
      }
    }
    return flush[0];
  }

  private boolean zap(KvmMmuPage root, Gfn start, Gfn end) {
    boolean[] flush = new boolean[1];
    root.forEachEntry(start, end, (gfn, entry) -> flush[0] |= zap(gfn, entry));
    return flush[0];
  }

  private boolean zapBelow(KvmMmuPage root, Gfn gfn) {
    boolean flush = false;
    Gfn first = new Gfn(gfn.number() - gfn.number() % Hva.PAGES_PER_HPAGE);
    for (int page = 0; page < Hva.PAGES_PER_HPAGE; page++) {
      flush |= zap(first.plus(page), root.small(first.plus(page)));
    }
    return flush;
  }

  private static boolean zap(Gfn gfn, RefCell<Spte> entry) {
    Spte old = entry.get();
    if (old == null) {
      return false;
    }
    Ktrace.note(() -> "zap " + gfn + " -> " + old);
    entry.writeOnce(null);
    return true;
  }

  // ---- the hardware

  /// Returns what the hardware finds for `gfn` from `root` on when its TLB does not know it, and
  /// marks the entry as used.
  static @Nullable Spte walk(KvmMmuPage root, Gfn gfn) {
    RefCell<Spte> above = root.huge(gfn);
    while (true) {
      RefCell<Spte> entry = root.small(gfn);
      Spte spte = null;
      if (above != null) {
        spte = above.readOnce();
        if (spte != null) {
          entry = above;
        }
      }
      if (spte == null) {
        spte = entry.readOnce();
      }
      // An atomic update by the hardware: it must not bring back what has just been removed.
      if (spte == null
          || spte.young()
          || spte.equals(entry.cmpxchgByHardware(spte, spte.withYoung(true)))) {
        return spte;
      }
    }
  }

  // ---- for invariants and reports

  /// Declares that an invariant looks at the table after every event.
  void watch() {
    watched = true;
    Objects.requireNonNull(activeMmuPages.latest()).forEach(KvmMmuPage::watch);
  }

  /// Calls `action` with every page that is translated now, and the entry that does it, whoever
  /// asks: a huge one for each of its pages.
  public void forEachLatest(BiConsumer<Gfn, Spte> action) {
    for (KvmMmuPage root : Objects.requireNonNull(activeMmuPages.latest())) {
      root.forEachLatest(action);
    }
  }
}
