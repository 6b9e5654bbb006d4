// SPDX-License-Identifier: MIT
package ex02;

import kvmlab.kvm.DirectPageFault;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmMemorySlot;
import kvmlab.kvm.KvmMemslots;
import kvmlab.kvm.MmuNotifierRetry;
import kvmlab.kvm.RetPf;
import kvmlab.kvm.Vcpu;
import kvmlab.mm.Hva;
import kvmlab.mm.MmuNotifierRange;
import kvmlab.mm.Pfn;

/// An acquire in the place of a read and a barrier; the rule in the words of a range.
public final class RetryingFault implements DirectPageFault, MmuNotifierRetry {
  private final Kvm kvm;

  public RetryingFault(Kvm kvm) {
    this.kvm = kvm;
  }

  @Override
  public RetPf directPageFault(Vcpu vcpu, Gfn gfn, boolean write) {
    KvmMemslots slots = kvm.memslots(0);
    KvmMemorySlot slot = slots.gfnToMemslot(gfn);
    if (slot == null) {
      return RetPf.EMULATE;
    } else if (slot.invalid()) {
      return RetPf.RETRY;
    }
    long mmuSeq = kvm.mmuNotifierSeq.smpLoadAcquire();
    Pfn pfn = kvm.hvaToPfn(slot.gfnToHva(gfn), write);
    if (pfn.equals(Pfn.ERR_FAULT)) {
      return RetPf.EFAULT;
    }
    kvm.mmuLock.writeLock();
    if (kvm.mmuNotifierRetryHva(mmuSeq, slot.gfnToHva(gfn))) {
      kvm.mmuLock.writeUnlock();
      return RetPf.RETRY;
    }
    RetPf ret = kvm.mmu.directMap(slot, gfn, pfn, write);
    kvm.mmuLock.writeUnlock();
    return ret;
  }

  @Override
  public boolean mmuNotifierRetryHva(long mmuSeq, Hva hva) {
    kvm.mmuLock.lockdepAssertHeld();
    if (kvm.mmuNotifierSeq.get() != mmuSeq) {
      return true;
    }
    if (kvm.mmuNotifierCount.get() == 0) {
      return false;
    }
    Hva start = new Hva(kvm.mmuNotifierRangeStart.get());
    Hva end = new Hva(kvm.mmuNotifierRangeEnd.get());
    return new MmuNotifierRange(start, end, true).contains(hva);
  }
}
