// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import static kvmlab.kernel.Barriers.smpRmb;

import kvmlab.mm.Hva;
import kvmlab.mm.Pfn;

/// The page fault of v5.12. Where the VM has no notifiers, nothing can change under a look-up: the
/// host keeps every frame in its place.
///
/// @kernel arch/x86/kvm/mmu/mmu.c direct_page_fault(); include/linux/kvm_host.h
///   mmu_notifier_retry_hva()
final class ReferencePageFault implements DirectPageFault, MmuNotifierRetry {
  private final Kvm kvm;

  ReferencePageFault(Kvm kvm) {
    this.kvm = kvm;
  }

  @Override
  public RetPf directPageFault(Vcpu vcpu, Gfn gfn, boolean write) {
    long mmuSeq = 0;
    if (kvm.config().notifiers()) {
      // Before the look-up: an invalidation that ends in between must show as a new number.
      mmuSeq = kvm.mmuNotifierSeq.readOnce();
      // Whoever sees the new number must also see the cleared page-table entry.
      smpRmb();
    }
    KvmMemorySlot slot = vcpu.gfnToMemslot(gfn);
    if (slot == null) {
      return RetPf.EMULATE;
    }
    if (slot.invalid()) {
      return RetPf.RETRY;
    }
    if (write && slot.readonly()) {
      return RetPf.EMULATE;
    }
    Hva hva = slot.gfnToHva(gfn);
    Pfn pfn = kvm.hvaToPfn(hva, write);
    if (pfn.isError()) {
      return RetPf.EFAULT;
    }
    // Only under the lock does the answer of the test stay true until the entry is written.
    kvm.mmuLock.writeLock();
    RetPf ret = RetPf.RETRY;
    if (!kvm.config().notifiers() || !kvm.mmuNotifierRetryHva(mmuSeq, hva)) {
      ret = kvm.mmu.directMap(slot, gfn, pfn, write);
    }
    kvm.mmuLock.writeUnlock();
    return ret;
  }

  @Override
  public boolean mmuNotifierRetryHva(long mmuSeq, Hva hva) {
    // In progress: the look-up may have found a frame that is about to be freed.
    if (kvm.mmuNotifierCount.get() != 0
        && hva.address() >= kvm.mmuNotifierRangeStart.get()
        && hva.address() < kvm.mmuNotifierRangeEnd.get()) {
      return true;
    }
    // Ended since: the look-up may have found a frame that is free by now.
    return kvm.mmuNotifierSeq.get() != mmuSeq;
  }
}
