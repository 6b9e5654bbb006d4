// SPDX-License-Identifier: MIT
package kvmlab.kvm;

/// The life of a VM as in v5.12.
///
/// @kernel virt/kvm/kvm_main.c kvm_create_vm(), kvm_destroy_vm()
final class ReferenceLifeCycle implements VmLifeCycle {
  private final Kvm kvm;

  ReferenceLifeCycle(Kvm kvm) {
    this.kvm = kvm;
  }

  @Override
  public int createVm() {
    kvm.mmuLock.init();
    kvm.slotsLock.init();
    kvm.slotsArchLock.init();
    kvm.initPieces();
    // Last: from here on the host calls in, so everything that the callbacks use must be ready.
    return kvm.initMmuNotifier();
  }

  @Override
  public void destroyVm() {
    kvm.resetPieces();
  }
}
