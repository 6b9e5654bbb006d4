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

/// Starts over more often than it must: when the memslot was replaced meanwhile; in the whole page
/// at either side of the range in progress; and after an install, so that the guest finds out by
/// itself.
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
    Hva hva = slot.gfnToHva(gfn);
    Pfn pfn = slot.invalid() ? Pfn.ERR_FAULT : kvm.hvaToPfn(hva, write);
    if (pfn.isError()) {
      return slot.invalid() ? RetPf.RETRY : RetPf.EFAULT;
    }
    kvm.mmuLock.writeLock();
    if (!kvm.mmuNotifierRetryHva(mmuSeq, hva) && slot.equals(vcpu.gfnToMemslot(gfn))) {
      kvm.mmu.directMap(slot, gfn, pfn, write);
    }
    kvm.mmuLock.writeUnlock();
    return RetPf.RETRY;
  }

  @Override
  public boolean mmuNotifierRetryHva(long mmuSeq, Hva hva) {
    return kvm.mmuNotifierSeq.get() != mmuSeq || isChanging(hva.address());
  }

  private boolean isChanging(long address) {
    return kvm.mmuNotifierCount.get() != 0
        && address + Hva.PAGE_SIZE >= kvm.mmuNotifierRangeStart.get()
        && address - Hva.PAGE_SIZE <= kvm.mmuNotifierRangeEnd.get();
  }
}
