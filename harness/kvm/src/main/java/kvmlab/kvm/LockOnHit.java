// SPDX-License-Identifier: MIT
package kvmlab.kvm;

/// Takes `mmu_lock` if the range is of guest memory, at the first memslot of any address space that
/// has a byte of it; for other ranges only if it must.
///
/// @kernel virt/kvm/kvm_main.c __kvm_handle_hva_range(), as of 071064f14d87 "KVM: Don't take
///   mmu_lock for range invalidation unless necessary"
public final class LockOnHit implements HandleKvmHvaRange {
  private final Kvm kvm;

  /// Makes the piece for `kvm`.
  public LockOnHit(Kvm kvm) {
    this.kvm = kvm;
  }

  // tag::walk[]
  @Override
  public boolean handleHvaRange(KvmHvaRange range) {
    // Before the first memslot is looked at: nobody frees what is read.
    int index = kvm.srcu.readLock();
    boolean locked = range.mustLock();
    if (locked) {
      lock(range);
    }
    boolean ret = false;
    boolean done = locked && range.handler() == null;
    for (int asId = 0; asId < kvm.addressSpaces() && !done; asId++) {
      for (KvmMemorySlot slot : kvm.memslots(asId).slots()) {
        KvmGfnRange covered = KvmGfnRange.covered(slot, range.start(), range.end());
        if (covered == null) {
          continue;
        }
        if (!locked) {
          locked = true;
          lock(range);
        }
        if (range.handler() == null) {
          // Out of both loops: there is nothing to call in the next
          // address space either.
          done = true;
          break;
        }
        ret |= range.handler().handle(covered);
      }
    }
    // One flush for all memslots, under the lock: another start that finds
    // nothing to zap must find nothing in a TLB.
    if (ret && range.flushOnRet()) {
      kvm.flushRemoteTlbs();
    }
    if (locked) {
      kvm.mmuLock.writeUnlock();
    }
    kvm.srcu.readUnlock(index);
    return ret;
  }

  private void lock(KvmHvaRange range) {
    kvm.mmuLock.writeLock();
    if (range.onLock() != null) {
      range.onLock().onLock(range.start(), range.end());
    }
  }
  // end::walk[]
}
