// SPDX-License-Identifier: MIT
package kvmlab.lab.invariant;

import com.google.auto.service.AutoService;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmMemslots;
import kvmlab.kvm.Vcpu;
import kvmlab.lab.Invariant;

/// I8. A fault takes an access for a device's only if there is no memslot, or a write if the
/// memslot may only be read. A slot that is being deleted or moved still is one: its memory may
/// come back.
///
/// The rule of x86 since e0c378684b65 "KVM: x86/mmu: Retry page faults that hit an invalid
/// memslot". On arm64 a guest may meet a device while a memslot moves; a scenario of that
/// architecture does not ask this invariant.
@AutoService(Invariant.class)
public final class NoDeviceOverMemory extends Invariant {
  private final VisibleMemslots memslots = new VisibleMemslots();

  public NoDeviceOverMemory() {
    super("I8", "no access to a memslot, be it on its way out, is taken for a device's");
  }

  @Override
  public void memslotsPublished(Kvm kvm, int asId, KvmMemslots slots) {
    memslots.published(kvm, asId, slots);
  }

  @Override
  public void faultEntered(Vcpu vcpu, Gfn gfn) {
    memslots.faultEntered(vcpu);
  }

  @Override
  public void emulated(Vcpu vcpu, Gfn gfn, boolean write, boolean cached) {
    if (!cached && !memslots.any(vcpu, gfn, slot -> slot == null || write && slot.readonly())) {
      broken(vcpu + " is told that " + gfn + " is a device's, which has a memslot");
    }
  }
}
