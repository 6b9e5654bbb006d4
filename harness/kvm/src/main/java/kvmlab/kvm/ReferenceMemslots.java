// SPDX-License-Identifier: MIT
package kvmlab.kvm;

/// The publication of memslots of v5.12.
///
/// @kernel virt/kvm/kvm_main.c install_new_memslots()
final class ReferenceMemslots implements InstallNewMemslots {
  private final Kvm kvm;

  ReferenceMemslots(Kvm kvm) {
    this.kvm = kvm;
  }

  @Override
  public void installNewMemslots(int asId, KvmMemslots slots) {
    kvm.beginUpdate(asId, slots);
    kvm.publishMemslots(asId, slots);
    // Every fault and every invalidation that uses the memslots before is over when this returns.
    kvm.srcu.synchronize();
    kvm.finishUpdate(slots);
  }
}
