// SPDX-License-Identifier: MIT
package kvmlab.kvm.design;

import kvmlab.kernel.RwLock;
import kvmlab.kvm.InstallNewMemslots;
import kvmlab.kvm.InvalidateRange;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmMemslots;
import kvmlab.mm.MmuNotifierRange;

/// An `rwlock_t` in the place of the semaphore, held for reading from start to end: the mail that
/// this book begins with.
///
/// Spinning waits for few instructions of the writer, so it seems, and nobody needs to ask whether
/// an invalidation may sleep. But the lock is held while the host edits its page table, and the
/// host may sleep there.
///
/// @kernel virt/kvm/kvm_main.c, as proposed on 31 March 2021
public final class RwlockAcross implements InvalidateRange, InstallNewMemslots, FreezesMemslots {
  private final Kvm kvm;

  // Held for reading by whoever is between start and end; for writing around the publication.
  private RwLock mmuNotifierSlotsLock = new RwLock("mmu_notifier_slots_lock");

  /// Makes the piece for `kvm`.
  public RwlockAcross(Kvm kvm) {
    this.kvm = kvm;
  }

  // tag::design[]
  @Override
  public void init() {
    mmuNotifierSlotsLock.init();
  }

  @Override
  public int invalidateRangeStart(MmuNotifierRange range) {
    // Left held: end releases it.
    mmuNotifierSlotsLock.readLock();
    Section.start(kvm, range, false);
    return 0;
  }

  @Override
  public void invalidateRangeEnd(MmuNotifierRange range) {
    Section.end(kvm, range, false);
    mmuNotifierSlotsLock.readUnlock();
  }

  @Override
  public void installNewMemslots(int asId, KvmMemslots slots) {
    kvm.beginUpdate(asId, slots);
    mmuNotifierSlotsLock.writeLock();
    kvm.publishMemslots(asId, slots);
    mmuNotifierSlotsLock.writeUnlock();
    kvm.srcu.synchronize();
    kvm.finishUpdate(slots);
  }

  @Override
  public void reset() {
    // A start without an end has left it held, and nobody is to come any
    // more who would care.
    mmuNotifierSlotsLock = RwLock.define("mmu_notifier_slots_lock");
  }

  // end::design[]

  @Override
  public boolean freezes(MmuNotifierRange range) {
    return true;
  }
}
