// SPDX-License-Identifier: MIT
package kvmlab.kvm.cache;

import kvmlab.kvm.Gfn;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmMemorySlot;
import kvmlab.kvm.KvmRequest;
import kvmlab.kvm.SetApicAccessPageAddr;
import kvmlab.kvm.Vcpu;
import kvmlab.mm.Hva;
import kvmlab.mm.Pfn;

/// The APIC-access page of v5.12: when the host has changed its entry, every vCPU looks it up again
/// before it enters the guest.
///
/// @kernel arch/x86/kvm/vmx/vmx.c vmx_set_apic_access_page_addr(); e649b3f0188f "KVM: x86: Fix APIC
///   page invalidation race"
public class ApicAccessPage implements SetApicAccessPageAddr {

  // Why it needs no test of the look-up. The request is made after the host has cleared its entry
  // and before it frees the frame. A look-up that found the old frame came before, so the request
  // is still pending when its result has been written, and is seen before the guest is entered; the
  // vCPU that is in the guest is kicked.

  /// The VM.
  protected final Kvm kvm;

  private final Gfn gfn;

  /// Makes the piece for a `kvm` whose APIC-access page is `gfn` in address space 0.
  public ApicAccessPage(Kvm kvm, Gfn gfn) {
    this.kvm = kvm;
    this.gfn = gfn;
  }

  @Override
  public void setApicAccessPageAddr(Vcpu vcpu) {
    int index = kvm.srcu.readLock();
    KvmMemorySlot slot = kvm.memslots(0).gfnToMemslot(gfn);
    if (slot != null && !slot.invalid()) {
      reload(vcpu, slot.gfnToHva(gfn));
    }
    kvm.srcu.readUnlock(index);
  }

  /// Looks up the frame behind `hva` and tells the hardware. May sleep.
  protected void reload(Vcpu vcpu, Hva hva) {
    Pfn pfn = kvm.hvaToPfn(hva, true);
    if (!pfn.isError()) {
      vcpu.writeApicAccessAddr(pfn);
    }
  }

  @Override
  public void invalidateRange(Hva start, Hva end) {
    KvmMemorySlot slot = kvm.memslots(0).gfnToMemslot(gfn);
    if (slot != null) {
      Hva hva = slot.gfnToHva(gfn);
      if (start.compareTo(hva) <= 0 && hva.compareTo(end) < 0) {
        kvm.makeAllCpusRequest(KvmRequest.APIC_PAGE_RELOAD);
      }
    }
  }

  /// Returns the guest page.
  protected Gfn gfn() {
    return gfn;
  }
}
