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

/// Maps the pages that a guest touches. The host is asked without a lock, so its answer may be out
/// of date when the translation is to be installed: then the fault starts over.
///
/// One object serves all vCPUs of a VM, several at a time.
public final class RetryingFault implements DirectPageFault, MmuNotifierRetry {
  private final Kvm kvm;

  public RetryingFault(Kvm kvm) {
    this.kvm = kvm;
  }

  // tag::fault[]
  @Override
  public RetPf directPageFault(Vcpu vcpu, Gfn gfn, boolean write) {
    // begin TODO 2: Install the translation of gfn, but never to a frame that
    // the host has taken away or is about to. Say what has become of the fault.
    long mmuSeq = kvm.mmuNotifierSeq.readOnce();
    // Whoever sees the new number must see the cleared entry, too.
    smpRmb();
    KvmMemorySlot slot = vcpu.gfnToMemslot(gfn);
    if (slot == null) {
      return RetPf.EMULATE;
    }
    // The slot is on its way out: a new translation might outlive it.
    if (slot.invalid()) {
      return RetPf.RETRY;
    }
    Hva hva = slot.gfnToHva(gfn);
    // Without a lock: the look-up may sleep, and may invalidate.
    Pfn pfn = kvm.hvaToPfn(hva, write);
    if (pfn.isError()) {
      return RetPf.EFAULT;
    }
    // Over test and install: no start fits in between.
    kvm.mmuLock.writeLock();
    RetPf ret = RetPf.RETRY;
    if (!kvm.mmuNotifierRetryHva(mmuSeq, hva)) {
      ret = kvm.mmu.directMap(slot, gfn, pfn, write);
    }
    kvm.mmuLock.writeUnlock();
    return ret;
    // stub: return RetPf.RETRY;
    // end TODO 2
  }

  // end::fault[]
  // tag::retry[]
  @Override
  public boolean mmuNotifierRetryHva(long mmuSeq, Hva hva) {
    // begin TODO 1: Say whether a look-up of hva that began after the snapshot
    // mmuSeq may be out of date. The caller holds mmu_lock.
    if (kvm.mmuNotifierCount.get() != 0
        && hva.address() >= kvm.mmuNotifierRangeStart.get()
        && hva.address() < kvm.mmuNotifierRangeEnd.get()) {
      return true;
    }
    // One that has ended since: whichever range it had, as none is kept.
    return kvm.mmuNotifierSeq.get() != mmuSeq;
    // stub: return true;
    // end TODO 1
  }
  // end::retry[]
}
