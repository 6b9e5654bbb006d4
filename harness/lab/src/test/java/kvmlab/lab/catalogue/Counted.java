// SPDX-License-Identifier: MIT
package kvmlab.lab.catalogue;

import kvmlab.kernel.LongCell;
import kvmlab.kernel.Rcuwait;
import kvmlab.kernel.Spinlock;
import kvmlab.kvm.InstallNewMemslots;
import kvmlab.kvm.InvalidateRange;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmMemslots;
import kvmlab.kvm.design.CountsInvalidations;
import kvmlab.kvm.design.FreezesMemslots;
import kvmlab.mm.MmuNotifierRange;

/// The merged design in parts, each of which can be replaced by a wrong one.
class Counted implements InvalidateRange, InstallNewMemslots, FreezesMemslots, CountsInvalidations {
  final Kvm kvm;
  final Spinlock lock = new Spinlock("mn_invalidate_lock");
  final LongCell active = new LongCell("mn_active_invalidate_count", 0);
  final Rcuwait waiter = new Rcuwait("mn_memslots_update_rcuwait");

  Counted(Kvm kvm) {
    this.kvm = kvm;
  }

  @Override
  public void init() {
    lock.init();
  }

  @Override
  public int invalidateRangeStart(MmuNotifierRange range) {
    enter(range);
    Walks.start(kvm, range, false);
    return 0;
  }

  @Override
  public void invalidateRangeEnd(MmuNotifierRange range) {
    Walks.end(kvm, range, false);
    leave(range);
  }

  void enter(MmuNotifierRange range) {
    lock.lock();
    active.writeOnce(active.get() + 1);
    lock.unlock();
  }

  void leave(MmuNotifierRange range) {
    if (uncount() == 0) {
      waiter.wakeUp();
    }
  }

  long uncount() {
    lock.lock();
    long left = active.get() - 1;
    active.writeOnce(left);
    lock.unlock();
    return left;
  }

  @Override
  public void installNewMemslots(int asId, KvmMemslots slots) {
    kvm.beginUpdate(asId, slots);
    publish(asId, slots);
    kvm.srcu.synchronize();
    kvm.finishUpdate(slots);
  }

  void publish(int asId, KvmMemslots slots) {
    lock.lock();
    waiter.prepareToRcuwait();
    while (count() != 0) {
      sleep();
    }
    finish();
    kvm.publishMemslots(asId, slots);
    lock.unlock();
  }

  /// Returns the count, to one who holds the lock.
  long count() {
    return active.get();
  }

  void finish() {
    waiter.finishRcuwait();
  }

  /// Sleeps without the lock, and takes it again.
  void sleep() {
    waiter.setCurrentStateUninterruptible();
    lock.unlock();
    waiter.schedule();
    lock.lock();
  }

  @Override
  public void reset() {
    lock.lock();
    active.writeOnce(0);
    lock.unlock();
  }

  @Override
  public boolean freezes(MmuNotifierRange range) {
    return true;
  }

  @Override
  public long activeInvalidations() {
    return active.readOnce();
  }

  @Override
  public long latestActiveInvalidations() {
    return active.latest();
  }
}
