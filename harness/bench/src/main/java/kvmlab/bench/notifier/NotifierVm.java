// SPDX-License-Identifier: MIT
package kvmlab.bench.notifier;

import kvmlab.kernel.Barriers;
import kvmlab.kernel.LongCell;
import kvmlab.kernel.Spinlock;

/// `struct kvm`, reduced to what the notifier protocol touches: one page of guest memory in at most
/// one memslot, backed by one page of the host. Frame 0 means that nothing is mapped.
///
/// Simplified: the host's page table is one word, written without its lock. An invalidation writes
/// it between start and end, and a full barrier stands for the host's TLB flush.
final class NotifierVm {
  private final Spinlock mmuLock = Spinlock.define("mmu_lock");

  // Guarded by mmuLock; the sequence count is also read without it.
  private final LongCell notifierCount = new LongCell("mmu_notifier_count", 0).guardedBy(mmuLock);
  private final LongCell notifierSeq = new LongCell("mmu_notifier_seq", 0).guardedBy(mmuLock);
  private final LongCell spte = new LongCell("spte", 0).guardedBy(mmuLock);

  // Needs no lock.
  private final LongCell memslots = new LongCell("memslots", 1);
  private final LongCell hostPfn = new LongCell("host_pfn", 1);

  private final MemslotsGuard guard;
  private final boolean readBarrier;

  /// @param readBarrier whether a fault orders its read of the sequence count before its lookup in
  ///   the host's page table
  NotifierVm(MemslotsGuard guard, boolean readBarrier) {
    this.guard = guard;
    this.readBarrier = readBarrier;
  }

  /// @kernel virt/kvm/kvm_main.c kvm_mmu_notifier_invalidate_range_start()
  void invalidateRangeStart() {
    guard.enterInvalidation();
    if (memslots.smpLoadAcquire() != 0) {
      mmuLock.lock();
      notifierCount.set(notifierCount.get() + 1);
      spte.set(0);
      mmuLock.unlock();
    }
  }

  /// What the host does between start and end: maps another frame.
  void changeHostMapping(int pfn) {
    hostPfn.writeOnce(pfn);
    Barriers.smpMb();
  }

  /// @kernel virt/kvm/kvm_main.c kvm_mmu_notifier_invalidate_range_end()
  void invalidateRangeEnd() {
    if (memslots.smpLoadAcquire() != 0) {
      mmuLock.lock();
      notifierSeq.writeOnce(notifierSeq.get() + 1);
      Barriers.smpWmb();
      long left = notifierCount.get() - 1;
      notifierCount.set(left);
      expect(left >= 0, "mmu_notifier_count went to ", left);
      mmuLock.unlock();
    }
    guard.leaveInvalidation();
  }

  /// Handles one page fault; returns whether the guest has to touch the page again.
  ///
  /// @kernel arch/x86/kvm/mmu/mmu.c direct_page_fault()
  boolean fault() {
    long seq = notifierSeq.readOnce();
    if (readBarrier) {
      Barriers.smpRmb();
    }
    if (memslots.smpLoadAcquire() == 0) {
      return false;
    }
    long pfn = hostPfn.readOnce();
    mmuLock.lock();
    boolean retry = notifierCount.get() > 0 || notifierSeq.readOnce() != seq;
    if (!retry) {
      spte.set(pfn);
    }
    mmuLock.unlock();
    return retry;
  }

  /// Publishes memslots without the page, and drops what was mapped.
  ///
  /// Simplified: without SRCU, because no memslot ever comes back: a fault that still uses the old
  /// memslots meets the retry check, or maps what nobody looks at.
  ///
  /// @kernel virt/kvm/kvm_main.c kvm_set_memslot()
  void deleteMemslot() {
    guard.beginPublication();
    memslots.smpStoreRelease(0);
    guard.endPublication();
    mmuLock.lock();
    spte.set(0);
    mmuLock.unlock();
  }

  /// Checks what must hold when nothing moves any more.
  void checkQuiet() {
    expect(
        notifierCount.latest() == 0, "at the end mmu_notifier_count is ", notifierCount.latest());
    long mapped = spte.latest();
    if (memslots.latest() != 0 && mapped != 0) {
      expect(mapped == hostPfn.latest(), "the guest still maps frame ", mapped);
    }
  }

  private static void expect(boolean holds, String seen, long value) {
    if (!holds) {
      throw new AssertionError(seen + value);
    }
  }
}
