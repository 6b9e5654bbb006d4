// SPDX-License-Identifier: MIT
package kvmlab.lab.mutant;

import kvmlab.kvm.InvalidateRange;
import kvmlab.kvm.Kvm;
import kvmlab.mm.MmuNotifierRange;

/// The invalidation of v5.12, each step of which can be replaced. `mmu_lock` is held in all of them
/// but the first and the last.
public class Invalidation implements InvalidateRange {
  protected final Kvm kvm;

  public Invalidation(Kvm kvm) {
    this.kvm = kvm;
  }

  @Override
  public int invalidateRangeStart(MmuNotifierRange range) {
    before(range);
    int index = kvm.srcu.readLock();
    kvm.mmuLock.writeLock();
    count(range);
    boolean flush = zap(range);
    if (flush && flushesUnderLock()) {
      kvm.flushRemoteTlbs();
    }
    kvm.mmuLock.writeUnlock();
    if (flush && !flushesUnderLock()) {
      kvm.flushRemoteTlbs();
    }
    kvm.srcu.readUnlock(index);
    return 0;
  }

  @Override
  public void invalidateRangeEnd(MmuNotifierRange range) {
    kvm.mmuLock.writeLock();
    uncount(range);
    kvm.mmuLock.writeUnlock();
    after(range);
  }

  /// The first step of start.
  protected void before(MmuNotifierRange range) {}

  protected void count(MmuNotifierRange range) {
    kvm.incNotifierCount(range.start(), range.end());
  }

  /// Returns whether TLBs must be flushed.
  protected boolean zap(MmuNotifierRange range) {
    return kvm.unmapHvaRange(range);
  }

  protected boolean flushesUnderLock() {
    return true;
  }

  protected void uncount(MmuNotifierRange range) {
    kvm.decNotifierCount(range.start(), range.end());
  }

  /// The last step of end.
  protected void after(MmuNotifierRange range) {}
}
