// SPDX-License-Identifier: MIT
package ex02;

import static kvmlab.kernel.Barriers.smpMb;

import kvmlab.kvm.DirectPageFault;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmMemorySlot;
import kvmlab.kvm.MmuNotifierRetry;
import kvmlab.kvm.RetPf;
import kvmlab.kvm.Vcpu;
import kvmlab.mm.Hva;
import kvmlab.mm.Pfn;

/// As before v5.12: any invalidation in progress makes a fault start over, whatever its range. The
/// slot is looked up before the snapshot, which no invalidation changes; and a full barrier does
/// what a read barrier does.
public final class RetryingFault implements DirectPageFault, MmuNotifierRetry {
  private final Kvm kvm;

  public RetryingFault(Kvm kvm) {
    this.kvm = kvm;
  }

  @Override
  public RetPf directPageFault(Vcpu vcpu, Gfn gfn, boolean write) {
    KvmMemorySlot slot = vcpu.gfnToMemslot(gfn);
    if (slot == null) {
      return RetPf.EMULATE;
    }
    if (slot.invalid()) {
      return RetPf.RETRY;
    }
    Hva hva = slot.gfnToHva(gfn);
    long mmuSeq = kvm.mmuNotifierSeq.readOnce();
    smpMb();
    Pfn pfn = kvm.hvaToPfn(hva, write);
    return pfn.isError() ? RetPf.EFAULT : install(slot, gfn, pfn, write, mmuSeq);
  }

  private RetPf install(KvmMemorySlot slot, Gfn gfn, Pfn pfn, boolean write, long mmuSeq) {
    kvm.mmuLock.writeLock();
    try {
      if (mmuNotifierRetryHva(mmuSeq, slot.gfnToHva(gfn))) {
        return RetPf.RETRY;
      }
      return kvm.mmu.directMap(slot, gfn, pfn, write);
    } finally {
      kvm.mmuLock.writeUnlock();
    }
  }

  @Override
  public boolean mmuNotifierRetryHva(long mmuSeq, Hva hva) {
    return kvm.mmuNotifierSeq.get() > mmuSeq || kvm.mmuNotifierCount.get() > 0;
  }
}
