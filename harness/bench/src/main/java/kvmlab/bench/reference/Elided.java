// SPDX-License-Identifier: MIT
package kvmlab.bench.reference;

import static kvmlab.kernel.Barriers.smpWmb;

import kvmlab.kernel.LongCell;
import kvmlab.kernel.Rcuwait;
import kvmlab.kernel.Spinlock;
import kvmlab.kvm.InstallNewMemslots;
import kvmlab.kvm.InvalidateRange;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmMemslots;
import kvmlab.mm.MmuNotifierRange;

/// v5.15.
final class Elided implements InvalidateRange, InstallNewMemslots {
  private final Kvm kvm;
  private final Spinlock mnInvalidateLock = new Spinlock("mn_invalidate_lock");
  private final LongCell active =
      new LongCell("mn_active_invalidate_count", 0).guardedBy(mnInvalidateLock);
  private final Rcuwait rcuwait = new Rcuwait("mn_memslots_update_rcuwait");

  Elided(Kvm kvm) {
    this.kvm = kvm;
  }

  @Override
  public void init() {
    mnInvalidateLock.init();
  }

  @Override
  public int invalidateRangeStart(MmuNotifierRange range) {
    mnInvalidateLock.lock();
    active.set(active.get() + 1);
    mnInvalidateLock.unlock();
    int index = kvm.srcu.readLock();
    if (hit(range)) {
      kvm.mmuLock.writeLock();
      long count = kvm.mmuNotifierCount.get() + 1;
      kvm.mmuNotifierCount.writeOnce(count);
      long start = range.start().address();
      long end = range.end().address();
      if (count > 1) {
        start = Math.min(start, kvm.mmuNotifierRangeStart.get());
        end = Math.max(end, kvm.mmuNotifierRangeEnd.get());
      }
      kvm.mmuNotifierRangeStart.writeOnce(start);
      kvm.mmuNotifierRangeEnd.writeOnce(end);
      if (kvm.unmapHvaRange(range)) {
        kvm.flushRemoteTlbs();
      }
      kvm.mmuLock.writeUnlock();
    }
    kvm.srcu.readUnlock(index);
    return 0;
  }

  @Override
  public void invalidateRangeEnd(MmuNotifierRange range) {
    int index = kvm.srcu.readLock();
    if (hit(range)) {
      kvm.mmuLock.writeLock();
      kvm.mmuNotifierSeq.writeOnce(kvm.mmuNotifierSeq.get() + 1);
      smpWmb();
      kvm.mmuNotifierCount.writeOnce(kvm.mmuNotifierCount.get() - 1);
      kvm.mmuLock.writeUnlock();
    }
    kvm.srcu.readUnlock(index);
    mnInvalidateLock.lock();
    boolean wake = active.get() == 1;
    active.set(active.get() - 1);
    mnInvalidateLock.unlock();
    if (wake) {
      rcuwait.wakeUp();
    }
  }

  private boolean hit(MmuNotifierRange range) {
    return kvm.handleHvaRange(range.start(), range.end(), gfns -> true);
  }

  @Override
  public void installNewMemslots(int asId, KvmMemslots slots) {
    mnInvalidateLock.lock();
    rcuwait.prepareToRcuwait();
    while (active.get() != 0) {
      rcuwait.setCurrentStateUninterruptible();
      mnInvalidateLock.unlock();
      rcuwait.schedule();
      mnInvalidateLock.lock();
    }
    rcuwait.finishRcuwait();
    kvm.publishMemslots(asId, slots);
    mnInvalidateLock.unlock();
    kvm.srcu.synchronize();
  }
}
