// SPDX-License-Identifier: MIT
package kvmlab.kvm.design;

import kvmlab.kernel.LongCell;
import kvmlab.kernel.Rcuwait;
import kvmlab.kernel.Spinlock;
import kvmlab.kvm.InstallNewMemslots;
import kvmlab.kvm.InvalidateRange;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmMemslots;
import kvmlab.machine.Engine;
import kvmlab.machine.Violation;
import kvmlab.mm.MmuNotifierRange;

/// A count of the invalidations under way, and an update that sleeps until it is zero: what was
/// merged. No lock is held from start to end, no invalidation ever waits for an update, and updates
/// may wait for as long as invalidations keep coming.
///
/// @kernel virt/kvm/kvm_main.c install_new_memslots(), kvm_mmu_notifier_invalidate_range_start(),
///   kvm_mmu_notifier_invalidate_range_end(), kvm_destroy_vm(); 52ac8b358b0c "KVM: Block memslot
///   updates across range_start() and range_end()"
public final class ActiveCount
    implements InvalidateRange, InstallNewMemslots, FreezesMemslots, CountsInvalidations {

  // Why start and end see the same memslots. An update publishes in the critical section in which
  // it found the count to be 0. So a start is counted before the publication, and then its end,
  // which is counted out last of all, comes before it, too; or it is counted after the publication,
  // and everything that it looks at comes later still.
  //
  // Why every invalidation is counted: which memslots are hit is what may not change meanwhile.
  //
  // Why no wake-up is lost: the waiter has registered and set its state when it leaves the lock, so
  // whoever takes the count to 0 after that finds it; before that, the waiter sees the 0.

  private final Kvm kvm;

  // Never held while anything sleeps.
  private final Spinlock mnInvalidateLock = new Spinlock("mn_invalidate_lock");

  /// How many invalidations are under way, of guest memory or not. Guarded by mn_invalidate_lock;
  /// side caches also read it without, so writes are marked.
  private final LongCell mnActiveInvalidateCount =
      new LongCell("mn_active_invalidate_count", 0).guardedBy(mnInvalidateLock);

  // One waiter at most: it holds slots_lock.
  private final Rcuwait mnMemslotsUpdateRcuwait = new Rcuwait("mn_memslots_update_rcuwait");

  /// Makes the piece for `kvm`.
  public ActiveCount(Kvm kvm) {
    this.kvm = kvm;
  }

  @Override
  public void init() {
    mnInvalidateLock.init();
  }

  // tag::invalidate[]
  @Override
  public int invalidateRangeStart(MmuNotifierRange range) {
    // Before the first look at a memslot: from here on none is published.
    mnInvalidateLock.lock();
    mnActiveInvalidateCount.writeOnce(mnActiveInvalidateCount.get() + 1);
    mnInvalidateLock.unlock();
    kvm.invalidateCaches(range);
    Section.start(kvm, range, false);
    return 0;
  }

  @Override
  public void invalidateRangeEnd(MmuNotifierRange range) {
    Section.end(kvm, range, false);
    mnInvalidateLock.lock();
    long active = mnActiveInvalidateCount.get() - 1;
    mnActiveInvalidateCount.writeOnce(active);
    mnInvalidateLock.unlock();
    if (active == 0) {
      mnMemslotsUpdateRcuwait.wakeUp();
    }
  }

  // end::invalidate[]

  // tag::publish[]
  @Override
  public void installNewMemslots(int asId, KvmMemslots slots) {
    kvm.beginUpdate(asId, slots);
    mnInvalidateLock.lock();
    mnMemslotsUpdateRcuwait.prepareToRcuwait();
    while (mnActiveInvalidateCount.get() != 0) {
      // Before the lock is left: whoever ends from here on finds somebody
      // to wake.
      mnMemslotsUpdateRcuwait.setCurrentStateUninterruptible();
      mnInvalidateLock.unlock();
      mnMemslotsUpdateRcuwait.schedule();
      mnInvalidateLock.lock();
    }
    mnMemslotsUpdateRcuwait.finishRcuwait();
    // Before the lock is left: a start that comes in between would look at
    // the memslots before, and its end at these.
    kvm.publishMemslots(asId, slots);
    mnInvalidateLock.unlock();
    // Before the grace period: a reader of srcu may want it.
    kvm.slotsArchLock.unlock();
    kvm.srcu.synchronize();
    kvm.finishUpdate(slots);
  }

  // end::publish[]

  @Override
  public void reset() {
    if (mnMemslotsUpdateRcuwait.active()) {
      warn(
          "I17",
          "nobody updates the memslots of a VM that is being destroyed",
          "a task waits in mn_memslots_update_rcuwait");
    }
    // A start without an end has left it raised, and the update that
    // removes the last memslots must not wait for ever.
    mnInvalidateLock.lock();
    mnActiveInvalidateCount.writeOnce(0);
    mnInvalidateLock.unlock();
  }

  @Override
  public boolean skipsChangePte() {
    if (mnActiveInvalidateCount.readOnce() == 0) {
      warn(
          "I1",
          "change_pte comes between a start and an end of the page",
          "it comes while mn_active_invalidate_count is 0");
    }
    // The start before this has found no memslot if it has not counted, and there is none since.
    return kvm.mmuNotifierCount.readOnce() == 0;
  }

  private static void warn(String invariant, String rule, String seen) {
    Engine.current().fail(Violation.of(Violation.Kind.MISUSE, invariant, rule, seen));
  }

  @Override
  public boolean underSlotsArchLock() {
    return true;
  }

  @Override
  public boolean freezes(MmuNotifierRange range) {
    return true;
  }

  @Override
  public long activeInvalidations() {
    return mnActiveInvalidateCount.readOnce();
  }

  @Override
  public long latestActiveInvalidations() {
    return mnActiveInvalidateCount.latest();
  }
}
