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

  @Override
  public RetPf directPageFault(Vcpu vcpu, Gfn gfn, boolean write) {
    // TODO 2: Install the translation of gfn, but never to a frame that
    // the host has taken away or is about to. Say what has become of the fault.
    return RetPf.RETRY;
  }

  @Override
  public boolean mmuNotifierRetryHva(long mmuSeq, Hva hva) {
    // TODO 1: Say whether a look-up of hva that began after the snapshot
    // mmuSeq may be out of date. The caller holds mmu_lock.
    return true;
  }
}
