// SPDX-License-Identifier: MIT
package kvmlab.lab.catalogue;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.IntSupplier;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.VmLifeCycle;

/// The life of a VM in parts that can be left out, moved, or done twice. Other code than the
/// reference's on purpose: what has been done is kept on a stack, for error paths and for the end.
class Life implements VmLifeCycle {
  final Kvm kvm;
  private final Deque<Runnable> undo = new ArrayDeque<>();

  Life(Kvm kvm) {
    this.kvm = kvm;
  }

  @Override
  public int createVm() {
    initLocks();
    undo.push(kvm.steps::archFreeVm);
    int error = then(0, kvm.srcu::init, kvm.srcu::cleanup);
    error = then(error, kvm.irqSrcu::init, kvm.irqSrcu::cleanup);
    if (error == 0) {
      kvm.usersCount.set(1);
    }
    for (int asId = 0; asId < kvm.addressSpaces(); asId++) {
      int id = asId;
      error = then(error, () -> kvm.steps.allocMemslots(id), () -> kvm.steps.freeMemslots(id));
    }
    error = then(error, kvm.steps::archInitVm, kvm.steps::archDestroyVm);
    error = then(error, this::initMmuNotifier, this::exitMmuNotifier);
    error = then(error, kvm.steps::archPostInitVm, kvm.steps::archPreDestroyVm);
    if (error != 0) {
      unwind();
      return error;
    }
    kvm.steps.vmListAdd();
    return 0;
  }

  @Override
  public void destroyVm() {
    kvm.steps.vmListDel();
    unwind();
  }

  void unwind() {
    undo.forEach(Runnable::run);
  }

  void initLocks() {
    initCommonLocks();
    kvm.steps.initPieces();
  }

  final void initCommonLocks() {
    kvm.mmuLock.init();
    kvm.slotsLock.init();
    kvm.slotsArchLock.init();
  }

  int initMmuNotifier() {
    return kvm.config().notifiers() ? kvm.steps.mmuNotifierRegister() : 0;
  }

  void exitMmuNotifier() {
    if (kvm.config().notifiers()) {
      kvm.steps.mmuNotifierUnregister();
    } else {
      kvm.archFlushShadowAll();
    }
    resetPieces();
  }

  void resetPieces() {
    kvm.steps.resetPieces();
  }

  private int then(int error, IntSupplier step, Runnable undoing) {
    int now = error == 0 ? step.getAsInt() : error;
    if (now == 0) {
      undo.push(undoing);
    }
    return now;
  }
}
