// SPDX-License-Identifier: MIT
package kvmlab.lab.mutant;

import kvmlab.kernel.LongCell;
import kvmlab.kernel.Rcuwait;
import kvmlab.kernel.Spinlock;
import kvmlab.kvm.InstallNewMemslots;
import kvmlab.kvm.InvalidateRange;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmHvaRange;
import kvmlab.kvm.KvmMemslots;
import kvmlab.mm.MmuNotifierRange;

/// The count of invalidations and the update that waits for them, as merged, in parts that can be
/// replaced one by one.
public class Freeze implements InvalidateRange, InstallNewMemslots {
  protected final Kvm kvm;
  protected final Spinlock lock = new Spinlock("mn_invalidate_lock");
  protected final LongCell active = new LongCell("mn_active_invalidate_count", 0).guardedBy(lock);
  protected final Rcuwait wait = new Rcuwait("mn_memslots_update_rcuwait");

  public Freeze(Kvm kvm) {
    this.kvm = kvm;
  }

  @Override
  public void init() {
    lock.init();
  }

  @Override
  public int invalidateRangeStart(MmuNotifierRange range) {
    enter();
    walk(range);
    return 0;
  }

  @Override
  public void invalidateRangeEnd(MmuNotifierRange range) {
    boolean relevant = walkBack(range);
    lock.lock();
    long left = active.get() - 1;
    active.writeOnce(left);
    lock.unlock();
    if (wakes(left, relevant)) {
      wait.wakeUp();
    }
  }

  @Override
  public void installNewMemslots(int asId, KvmMemslots slots) {
    installFrozen(asId, slots);
  }

  /// Installs while no invalidation is under way.
  public final void installFrozen(int asId, KvmMemslots slots) {
    kvm.beginUpdate(asId, slots);
    lock.lock();
    register();
    while (active.get() != 0) {
      declare();
      lock.unlock();
      beforeSleep();
      wait.schedule();
      lock.lock();
    }
    wait.finishRcuwait();
    publish(asId, slots);
    kvm.srcu.synchronize();
    kvm.finishUpdate(slots);
  }

  @Override
  public void reset() {
    lock.lock();
    active.writeOnce(0);
    lock.unlock();
  }

  /// Counts an invalidation.
  protected final void enter() {
    lock.lock();
    active.writeOnce(active.get() + 1);
    lock.unlock();
  }

  /// What start does with the memslots.
  protected final void walk(MmuNotifierRange range) {
    kvm.handleHvaRange(
        new KvmHvaRange(
            range.start(),
            range.end(),
            kvm.mmu::unmapGfnRange,
            kvm::incNotifierCount,
            false,
            true,
            range.blockable()));
  }

  /// What end does with them; returns whether one was hit.
  protected final boolean walkBack(MmuNotifierRange range) {
    boolean[] hit = new boolean[1];
    kvm.handleHvaRange(
        new KvmHvaRange(
            range.start(),
            range.end(),
            null,
            (start, end) -> {
              hit[0] = true;
              kvm.decNotifierCount(start, end);
            },
            false,
            false,
            range.blockable()));
    return hit[0];
  }

  /// Returns whether end wakes the update.
  protected boolean wakes(long left, boolean relevant) {
    return left == 0;
  }

  /// The update says who is to be woken.
  protected void register() {
    wait.prepareToRcuwait();
  }

  /// The update says that it is about to sleep.
  protected void declare() {
    wait.setCurrentStateUninterruptible();
  }

  /// Between the test and the sleep, without the lock.
  protected void beforeSleep() {}

  /// Publishes, and releases the lock.
  protected void publish(int asId, KvmMemslots slots) {
    kvm.publishMemslots(asId, slots);
    lock.unlock();
  }
}
