// SPDX-License-Identifier: MIT
package kvmlab.lab.invariant;

import com.google.auto.service.AutoService;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmMemslots;
import kvmlab.kvm.Vcpu;
import kvmlab.lab.Invariant;

/// I9. That a page has no memslot is remembered no longer than it is so.
///
/// Judged by the memslots, not by their generation: to forget more than necessary is slow, and to
/// remember over a change of other pages does no harm.
@AutoService(Invariant.class)
public final class NoStaleDevice extends Invariant {
  private final VisibleMemslots memslots = new VisibleMemslots();

  public NoStaleDevice() {
    super("I9", "a page without memslot is remembered as a device's only while it has none");
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
    if (cached && !memslots.any(vcpu, gfn, slot -> slot == null)) {
      broken(vcpu + " remembers " + gfn + " as a device's, which has a memslot by now");
    }
  }
}
