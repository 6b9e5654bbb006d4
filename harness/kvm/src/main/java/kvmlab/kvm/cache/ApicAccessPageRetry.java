// SPDX-License-Identifier: MIT
package kvmlab.kvm.cache;

import static kvmlab.kernel.Barriers.smpRmb;

import kvmlab.kernel.Sched;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmGfnRange;
import kvmlab.kvm.KvmRequest;
import kvmlab.kvm.Vcpu;
import kvmlab.mm.Hva;
import kvmlab.mm.Pfn;

/// The APIC-access page of v6.5: looked up again when the host is about to change its entry, with
/// the same test as a page fault.
///
/// Without the test it is wrong: start asks for a look-up while the host still has its old entry,
/// and nobody asks again.
///
/// @kernel arch/x86/kvm/vmx/vmx.c vmx_set_apic_access_page_addr(); 878940b33d76 "KVM: VMX: Retry
///   APIC-access page reload if invalidation is in-progress"; 0a8a5f2c8c26
public class ApicAccessPageRetry extends ApicAccessPage {

  /// Makes the piece for a `kvm` whose APIC-access page is `gfn` in address space 0.
  public ApicAccessPageRetry(Kvm kvm, Gfn gfn) {
    super(kvm, gfn);
  }

  @Override
  protected void reload(Vcpu vcpu, Hva hva) {
    long mmuSeq = kvm.mmuNotifierSeq.readOnce();
    smpRmb();
    Pfn pfn = kvm.hvaToPfn(hva, true);
    if (pfn.isError()) {
      return;
    }
    // Over test and write: a start that comes later finds the new frame written, and asks again.
    kvm.mmuLock.readLock();
    boolean retry = mustRetry(mmuSeq, hva);
    if (!retry) {
      vcpu.writeApicAccessAddr(pfn);
    }
    kvm.mmuLock.readUnlock();
    if (retry) {
      kvm.makeRequest(KvmRequest.APIC_PAGE_RELOAD, vcpu);
      // The vCPU goes round until the invalidation has ended.
      Sched.cpuRelax();
    }
  }

  /// Returns whether the look-up must start over. Called under `mmu_lock`.
  protected boolean mustRetry(long mmuSeq, Hva hva) {
    return kvm.mmuNotifierRetryHva(mmuSeq, hva);
  }

  @Override
  public void invalidateRange(Hva start, Hva end) {
    // Start has asked.
  }

  @Override
  public void unmapGfnRange(KvmGfnRange range) {
    if (range.slot().asId() == 0
        && range.start().compareTo(gfn()) <= 0
        && gfn().compareTo(range.end()) < 0) {
      kvm.makeAllCpusRequest(KvmRequest.APIC_PAGE_RELOAD);
    }
  }
}
