// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import static kvmlab.kernel.Barriers.smpWmb;

import kvmlab.mm.Hva;
import kvmlab.mm.MmuNotifierRange;

/// The invalidation of v5.12: `mmu_lock` is taken in start and in end, whatever the range.
///
/// @kernel virt/kvm/kvm_main.c kvm_mmu_notifier_invalidate_range_start(); arch/x86/kvm/mmu/mmu.c
///   kvm_handle_hva_range()
final class ReferenceInvalidation implements InvalidateRange, HandleHvaRange {
  private final Kvm kvm;

  ReferenceInvalidation(Kvm kvm) {
    this.kvm = kvm;
  }

  // tag::start[]
  @Override
  public int invalidateRangeStart(MmuNotifierRange range) {
    int index = kvm.srcu.readLock();
    kvm.mmuLock.writeLock();
    // Before the zap: a fault that looks up the old frame from now on must
    // not install it. Marked, as all writes here: a fault may take a quick
    // look without the lock.
    long count = kvm.mmuNotifierCount.get() + 1;
    kvm.mmuNotifierCount.writeOnce(count);
    long start = range.start().address();
    long end = range.end().address();
    if (count > 1) {
      // One range for all that are in progress: it grows to their hull and
      // never shrinks.
      start = Math.min(start, kvm.mmuNotifierRangeStart.get());
      end = Math.max(end, kvm.mmuNotifierRangeEnd.get());
    }
    kvm.mmuNotifierRangeStart.writeOnce(start);
    kvm.mmuNotifierRangeEnd.writeOnce(end);
    // Flushed under the lock: another start that finds nothing to zap must
    // find nothing in a TLB.
    if (kvm.unmapHvaRange(range)) {
      kvm.flushRemoteTlbs();
    }
    kvm.mmuLock.writeUnlock();
    kvm.srcu.readUnlock(index);
    return 0;
  }

  // end::start[]

  // tag::end[]
  @Override
  public void invalidateRangeEnd(MmuNotifierRange range) {
    kvm.mmuLock.writeLock();
    // Before the count drops: a fault must not pass between the two halves
    // of the test.
    kvm.mmuNotifierSeq.writeOnce(kvm.mmuNotifierSeq.get() + 1);
    // For readers without the lock only: they see the count drop after the
    // number.
    smpWmb();
    kvm.mmuNotifierCount.writeOnce(kvm.mmuNotifierCount.get() - 1);
    kvm.mmuLock.writeUnlock();
  }

  // end::end[]

  // tag::walk[]
  @Override
  public boolean handleHvaRange(Hva start, Hva end, HvaHandler handler) {
    boolean ret = false;
    for (int asId = 0; asId < kvm.addressSpaces(); asId++) {
      for (KvmMemorySlot slot : kvm.memslots(asId).slots()) {
        KvmGfnRange covered = KvmGfnRange.covered(slot, start, end);
        if (covered != null) {
          ret |= handler.handle(covered);
        }
      }
    }
    return ret;
  }

  // end::walk[]
}
