// SPDX-License-Identifier: MIT
package kvmlab.kvm;

/// Takes `mmu_lock` for every range, whether it is of guest memory or not, and calls `onLock` once:
/// what v5.12 does in each of its callbacks, and v5.13 in one place.
///
/// @kernel virt/kvm/kvm_main.c __kvm_handle_hva_range(), as of f922bd9bf33b "KVM: Move MMU
///   notifier's mmu_lock acquisition into common helper"
public final class LockAlways implements HandleKvmHvaRange {
  private final Kvm kvm;

  /// Makes the piece for `kvm`.
  public LockAlways(Kvm kvm) {
    this.kvm = kvm;
  }

  // tag::walk[]
  @Override
  public boolean handleHvaRange(KvmHvaRange range) {
    boolean ret = false;
    int index = kvm.srcu.readLock();
    kvm.mmuLock.writeLock();
    if (range.onLock() != null) {
      range.onLock().onLock(range.start(), range.end());
    }
    if (range.handler() != null) {
      ret = kvm.handleHvaRange(range.start(), range.end(), range.handler());
    }
    // Flushed under the lock: another start that finds nothing to zap must
    // find nothing in a TLB.
    if (ret && range.flushOnRet()) {
      kvm.flushRemoteTlbs();
    }
    kvm.mmuLock.writeUnlock();
    kvm.srcu.readUnlock(index);
    return ret;
  }
  // end::walk[]
}
