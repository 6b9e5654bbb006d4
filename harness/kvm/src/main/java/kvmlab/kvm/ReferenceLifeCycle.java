// SPDX-License-Identifier: MIT
package kvmlab.kvm;

/// The life of a VM as in v5.12.
///
/// Simplified: without what has no part in the protocol: I/O buses, the reference to the address
/// space, the counting of VMs that enables the hardware. Each is one more step with its own
/// undoing, so nothing can hide behind them.
///
/// @kernel virt/kvm/kvm_main.c kvm_create_vm(), kvm_destroy_vm()
final class ReferenceLifeCycle implements VmLifeCycle {
  private final Kvm kvm;

  ReferenceLifeCycle(Kvm kvm) {
    this.kvm = kvm;
  }

  // tag::create[]
  @Override
  public int createVm() {
    // Whatever the configuration: the memslots use the locks of the pieces
    // with notifiers and without.
    kvm.mmuLock.init();
    kvm.slotsLock.init();
    kvm.slotsArchLock.init();
    kvm.steps.initPieces();
    int error = kvm.srcu.init();
    if (error == 0) {
      error = createWithSrcu();
      if (error != 0) {
        kvm.srcu.cleanup();
      }
    }
    if (error != 0) {
      kvm.steps.archFreeVm();
    }
    return error;
  }

  private int createWithSrcu() {
    int error = kvm.irqSrcu.init();
    if (error != 0) {
      return error;
    }
    kvm.usersCount.set(1);
    for (int asId = 0; asId < kvm.addressSpaces() && error == 0; asId++) {
      error = kvm.steps.allocMemslots(asId);
    }
    if (error == 0) {
      error = createArch();
    }
    if (error != 0) {
      freeMemslots();
      kvm.irqSrcu.cleanup();
    }
    return error;
  }

  private int createArch() {
    int error = kvm.steps.archInitVm();
    if (error != 0) {
      return error;
    }
    // Late: from here on the host calls in, so everything that the
    // callbacks use must be ready.
    error = initMmuNotifier();
    if (error == 0) {
      error = kvm.steps.archPostInitVm();
      if (error == 0) {
        // Last: whoever finds the VM finds all of it.
        kvm.steps.vmListAdd();
        return 0;
      }
      if (kvm.config().notifiers()) {
        kvm.steps.mmuNotifierUnregister();
      }
    }
    kvm.steps.archDestroyVm();
    return error;
  }

  // end::create[]

  // tag::destroy[]
  @Override
  public void destroyVm() {
    kvm.steps.vmListDel();
    kvm.steps.archPreDestroyVm();
    exitMmuNotifier();
    // Nobody calls in any more. A start may have come whose end never will:
    // what it left would stop the next update of the memslots for ever.
    kvm.steps.resetPieces();
    kvm.steps.archDestroyVm();
    freeMemslots();
    kvm.irqSrcu.cleanup();
    kvm.srcu.cleanup();
    kvm.steps.archFreeVm();
  }

  // end::destroy[]

  private int initMmuNotifier() {
    return kvm.config().notifiers() ? kvm.steps.mmuNotifierRegister() : 0;
  }

  private void exitMmuNotifier() {
    if (kvm.config().notifiers()) {
      kvm.steps.mmuNotifierUnregister();
    } else {
      // The host removes no translation for us.
      kvm.archFlushShadowAll();
    }
  }

  private void freeMemslots() {
    for (int asId = 0; asId < kvm.addressSpaces(); asId++) {
      kvm.steps.freeMemslots(asId);
    }
  }
}
