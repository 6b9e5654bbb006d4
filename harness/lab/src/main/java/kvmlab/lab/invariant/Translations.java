// SPDX-License-Identifier: MIT
package kvmlab.lab.invariant;

import kvmlab.kvm.Gfn;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.Spte;
import kvmlab.kvm.Vcpu;
import kvmlab.lab.World;

/// Every way in which a guest page is translated now: by the secondary page tables and by the TLBs.
final class Translations {
  private Translations() {}

  /// What to do with a translation.
  @FunctionalInterface
  interface Visitor {
    void visit(String where, Gfn gfn, Spte spte);
  }

  static void forEach(World world, Visitor visitor) {
    for (Kvm kvm : world.vms()) {
      forEach(kvm, visitor);
    }
  }

  static void forEach(Kvm kvm, Visitor visitor) {
    kvm.mmu.forEachLatest((gfn, spte) -> visitor.visit("the SPTE", gfn, spte));
    for (Vcpu vcpu : kvm.vcpus()) {
      vcpu.forEachLatest((gfn, spte) -> visitor.visit("the TLB of " + vcpu, gfn, spte));
    }
  }
}
