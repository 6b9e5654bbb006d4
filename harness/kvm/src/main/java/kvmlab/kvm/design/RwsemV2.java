// SPDX-License-Identifier: MIT
package kvmlab.kvm.design;

import kvmlab.kernel.RwSemaphore;
import kvmlab.kvm.InstallNewMemslots;
import kvmlab.kvm.InvalidateRange;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmMemslots;
import kvmlab.mm.MmuNotifierRange;

/// The semaphore again, and without a condition on how the kernel was built: field, initialisation
/// and use are the same everywhere.
///
/// @kernel virt/kvm/kvm_main.c, with "KVM: Don't take mmu_lock for range invalidation unless
///   necessary" of 2 April 2021
public final class RwsemV2 implements InvalidateRange, InstallNewMemslots, FreezesMemslots {
  private final Kvm kvm;

  // Held for reading by whoever is between start and end; for writing around the publication.
  private RwSemaphore mmuNotifierSlotsLock = new RwSemaphore("mmu_notifier_slots_lock");

  /// Makes the piece for `kvm`.
  public RwsemV2(Kvm kvm) {
    this.kvm = kvm;
  }

  // tag::design[]
  @Override
  public void init() {
    mmuNotifierSlotsLock.init();
  }

  @Override
  public int invalidateRangeStart(MmuNotifierRange range) {
    if (range.blockable()) {
      // Left held: end releases it.
      mmuNotifierSlotsLock.downRead();
    }
    Section.start(kvm, range, !range.blockable());
    return 0;
  }

  @Override
  public void invalidateRangeEnd(MmuNotifierRange range) {
    Section.end(kvm, range, !range.blockable());
    if (range.blockable()) {
      mmuNotifierSlotsLock.upRead();
    }
  }

  @Override
  public void installNewMemslots(int asId, KvmMemslots slots) {
    kvm.beginUpdate(asId, slots);
    mmuNotifierSlotsLock.downWrite();
    kvm.publishMemslots(asId, slots);
    // Before the grace period: a fault is a reader of srcu, and its
    // look-up may come to a start.
    mmuNotifierSlotsLock.upWrite();
    kvm.srcu.synchronize();
    kvm.finishUpdate(slots);
  }

  @Override
  public void reset() {
    // A start without an end has left it held, and nobody is to come any
    // more who would care.
    mmuNotifierSlotsLock = RwSemaphore.define("mmu_notifier_slots_lock");
  }

  // end::design[]

  @Override
  public boolean skipsChangePte() {
    if (kvm.mmuNotifierCount.readOnce() != 0) {
      return false;
    }
    // The start before this has found no memslot, and there is none since: it holds this still.
    mmuNotifierSlotsLock.lockdepAssertHeld();
    return true;
  }

  @Override
  public boolean freezes(MmuNotifierRange range) {
    return range.blockable();
  }
}
