// SPDX-License-Identifier: MIT
package ex02;

import static kvmlab.kernel.Barriers.smpRmb;

import kvmlab.kvm.DirectPageFault;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmMemorySlot;
import kvmlab.kvm.MmuNotifierRetry;
import kvmlab.kvm.RetPf;
import kvmlab.kvm.Vcpu;
import kvmlab.mm.Hva;
import kvmlab.mm.Pfn;

/// As in d02c357e5bfa, "KVM: x86/mmu: Retry fault before acquiring mmu_lock if mapping is
/// changing": a quick look without the lock, before the look-up and after it, and then the test
/// that counts.
public final class RetryingFault implements DirectPageFault, MmuNotifierRetry {
  private final Kvm kvm;

  public RetryingFault(Kvm kvm) {
    this.kvm = kvm;
  }

  @Override
  public RetPf directPageFault(Vcpu vcpu, Gfn gfn, boolean write) {
    long mmuSeq = kvm.mmuNotifierSeq.readOnce();
    smpRmb();
    KvmMemorySlot slot = vcpu.gfnToMemslot(gfn);
    if (slot == null) {
      return RetPf.EMULATE;
    }
    if (slot.invalid() || changing(mmuSeq, slot.gfnToHva(gfn))) {
      return RetPf.RETRY;
    }
    Hva hva = slot.gfnToHva(gfn);
    Pfn pfn = kvm.hvaToPfn(hva, write);
    if (pfn.isError()) {
      return RetPf.EFAULT;
    }
    if (changing(mmuSeq, hva)) {
      return RetPf.RETRY;
    }
    kvm.mmuLock.writeLock();
    boolean retry = kvm.mmuNotifierRetryHva(mmuSeq, hva);
    if (!retry) {
      kvm.mmu.directMap(slot, gfn, pfn, write);
    }
    kvm.mmuLock.writeUnlock();
    return retry ? RetPf.RETRY : RetPf.FIXED;
  }

  /// May be wrong either way: it saves work, and decides nothing.
  private boolean changing(long mmuSeq, Hva hva) {
    return kvm.mmuNotifierCount.readOnce() != 0
            && kvm.mmuNotifierRangeStart.readOnce() <= hva.address()
            && hva.address() < kvm.mmuNotifierRangeEnd.readOnce()
        || kvm.mmuNotifierSeq.readOnce() != mmuSeq;
  }

  @Override
  public boolean mmuNotifierRetryHva(long mmuSeq, Hva hva) {
    boolean ended = kvm.mmuNotifierSeq.get() != mmuSeq;
    boolean inProgress = kvm.mmuNotifierCount.get() != 0;
    boolean outside =
        hva.address() < kvm.mmuNotifierRangeStart.get()
            || hva.address() >= kvm.mmuNotifierRangeEnd.get();
    return ended || inProgress && !outside;
  }
}
