// SPDX-License-Identifier: MIT
package kvmlab.kvm.design;

import kvmlab.kernel.RwSemaphore;
import kvmlab.kvm.InstallNewMemslots;
import kvmlab.kvm.InvalidateRange;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmMemslots;
import kvmlab.mm.MmuNotifierRange;

/// A semaphore, held for reading from start to end: the first posting.
///
/// An invalidation that may not sleep leaves the semaphore alone, and takes `mmu_lock` whatever its
/// range: its start and its end agree without a freeze. The semaphore exists where notifiers do.
///
/// @kernel virt/kvm/kvm_main.c, with "KVM: Don't take mmu_lock for range invalidation unless
///   necessary" of 26 March 2021
public final class RwsemV1 implements InvalidateRange, InstallNewMemslots, FreezesMemslots {
  private final Kvm kvm;
  private final boolean notifiers;

  // Held for reading by whoever is between start and end; for writing around the publication.
  private RwSemaphore mmuNotifierSlotsLock = new RwSemaphore("mmu_notifier_slots_lock");

  /// Makes the piece for `kvm`.
  public RwsemV1(Kvm kvm) {
    this.kvm = kvm;
    this.notifiers = kvm.config().notifiers();
  }

  // tag::design[]
  @Override
  public void init() {
    // In kvm_init_mmu_notifier(), of which a kernel without notifiers has
    // an empty one.
    if (notifiers) {
      mmuNotifierSlotsLock.init();
    }
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
    if (notifiers) {
      mmuNotifierSlotsLock.downWrite();
    }
    kvm.publishMemslots(asId, slots);
    // Before the grace period: a fault is a reader of srcu, and its
    // look-up may come to a start.
    if (notifiers) {
      mmuNotifierSlotsLock.upWrite();
    }
    kvm.srcu.synchronize();
    kvm.finishUpdate(slots);
  }

  @Override
  public void reset() {
    // A start without an end has left it held, and nobody is to come any
    // more who would care.
    if (notifiers) {
      mmuNotifierSlotsLock = RwSemaphore.define("mmu_notifier_slots_lock");
    }
  }

  // end::design[]

  @Override
  public boolean freezes(MmuNotifierRange range) {
    return range.blockable();
  }
}
