// SPDX-License-Identifier: MIT
package kvmlab.bench.notifier;

import kvmlab.kernel.LongCell;
import kvmlab.kernel.Rcuwait;
import kvmlab.kernel.Spinlock;

/// A count of the invalidations under way, and a place where the publication waits until it is
/// zero: what was merged. An invalidation never waits for a publication.
///
/// @kernel virt/kvm/kvm_main.c install_new_memslots(), kvm_mmu_notifier_invalidate_range_end()
final class InvalidateCount implements MemslotsGuard {

  /// What a writer of this protocol may get wrong.
  enum Defect {
    NONE,
    /// The last invalidation wakes nobody.
    NO_WAKE,
    /// The publication declares that it sleeps after it has looked at the count and left the lock.
    LATE_STATE
  }

  private final Spinlock lock = Spinlock.define("mn_invalidate_lock");
  private final LongCell count = new LongCell("mn_active_invalidate_count", 0).guardedBy(lock);
  private final Rcuwait wait = new Rcuwait("mn_memslots_update_rcuwait");
  private final Defect defect;

  InvalidateCount(Defect defect) {
    this.defect = defect;
  }

  @Override
  public void enterInvalidation() {
    lock.lock();
    count.set(count.get() + 1);
    lock.unlock();
  }

  @Override
  public void leaveInvalidation() {
    lock.lock();
    long left = count.get() - 1;
    count.set(left);
    lock.unlock();
    if (left == 0 && defect != Defect.NO_WAKE) {
      wait.wakeUp();
    }
  }

  @Override
  public void beginPublication() {
    lock.lock();
    wait.prepareToRcuwait();
    while (count.get() != 0) {
      // Before the lock is left: an invalidation that ends from here on finds someone to wake.
      if (defect != Defect.LATE_STATE) {
        wait.setCurrentStateUninterruptible();
      }
      lock.unlock();
      if (defect == Defect.LATE_STATE) {
        wait.setCurrentStateUninterruptible();
      }
      wait.schedule();
      lock.lock();
    }
    wait.finishRcuwait();
  }

  @Override
  public void endPublication() {
    lock.unlock();
  }
}
