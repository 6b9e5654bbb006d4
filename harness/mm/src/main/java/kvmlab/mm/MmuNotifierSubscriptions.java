// SPDX-License-Identifier: MIT
package kvmlab.mm;

import static kvmlab.kernel.Errno.EAGAIN;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;
import kvmlab.kernel.LockdepMap;
import kvmlab.kernel.RefCell;
import kvmlab.kernel.Sched;
import kvmlab.kernel.Slab;
import kvmlab.kernel.Spinlock;
import kvmlab.kernel.SrcuStruct;
import kvmlab.machine.Engine;
import kvmlab.machine.Violation;

/// Who wants to know of an address space's changes, and the calls that tell them.
///
/// Subscribers are called newest first, in start and in end alike, inside an SRCU read section: a
/// callback may sleep, unless the range is not blockable.
///
/// Simplified: the SRCU domain belongs to the address space, where Linux has one for all of them.
/// That hides no bug here, since nothing waits for the readers of another address space.
///
/// @kernel mm/mmu_notifier.c
public final class MmuNotifierSubscriptions {
  private final MmStruct mm;
  private final SrcuStruct srcu = SrcuStruct.define("srcu");

  /// Tells lockdep that callbacks are running, in start and again in end: so whatever a callback
  /// keeps locked in between is behind them and before them in the order of the locks, which is a
  /// cycle.
  private final LockdepMap callbacks = new LockdepMap("mmu_notifier_invalidate_range_start");

  private final Spinlock lock = Spinlock.define("notifier_subscriptions->lock");

  // Written under lock; read inside a read section of srcu.
  private final RefCell<List<MmuNotifierOps>> list =
      new RefCell<List<MmuNotifierOps>>("list", List.of()).guardedBy(lock).hidden();

  // Set when a subscriber registers, and never back: a flush that nobody hears of costs no event.
  private volatile boolean hasInvalidateRange;

  MmuNotifierSubscriptions(MmStruct mm) {
    this.mm = mm;
  }

  /// Says that reclaim calls the callbacks: so an allocation in one of them, or under a lock that
  /// one of them takes, is reported even where memory is plentiful.
  void primeReclaim() {
    LockdepMap reclaim = Slab.fsReclaim();
    reclaim.acquire();
    callbacks.acquire();
    callbacks.release();
    reclaim.release();
  }

  /// Adds a subscriber at the head of the list. The caller holds `mmap_lock` for writing and every
  /// lock of the reverse mapping: no section is open, so nobody is told an end without its start.
  void register(MmuNotifierOps ops) {
    hasInvalidateRange |= ops.hasInvalidateRange();
    lock.lock();
    List<MmuNotifierOps> extended = new ArrayList<>();
    extended.add(ops);
    extended.addAll(Objects.requireNonNull(list.get()));
    list.rcuAssignPointer(List.copyOf(extended));
    lock.unlock();
  }

  /// Tells every subscriber that the address space goes away, and forgets them all. When this
  /// returns, no callback is running.
  ///
  /// @kernel mm/mmu_notifier.c mn_hlist_release()
  void release() {
    int index = srcu.readLock();
    for (MmuNotifierOps ops : subscribers()) {
      ops.release();
    }
    lock.lock();
    list.rcuAssignPointer(List.of());
    lock.unlock();
    srcu.readUnlock(index);
    srcu.synchronize();
  }

  /// Removes a subscriber, after its release unless the address space has called it already.
  void unregister(MmuNotifierOps ops) {
    int index = srcu.readLock();
    boolean hashed = subscribers().contains(ops);
    if (hashed) {
      ops.release();
    }
    srcu.readUnlock(index);
    if (hashed) {
      lock.lock();
      List<MmuNotifierOps> left = new ArrayList<>(Objects.requireNonNull(list.get()));
      left.remove(ops);
      list.rcuAssignPointer(List.copyOf(left));
      lock.unlock();
    }
    // Whoever read the list before may still be calling, release included.
    srcu.synchronize();
  }

  /// Tells every subscriber that `range` is about to change, even after one has failed.
  ///
  /// @return 0, or `-EAGAIN` when a subscriber of a non-blockable range failed: then every
  ///   subscriber has been told the end as well, and the caller leaves the page table alone
  /// @kernel mm/mmu_notifier.c __mmu_notifier_invalidate_range_start()
  public int invalidateRangeStart(MmuNotifierRange range) {
    if (range.blockable()) {
      Sched.mightSleep("mmu_notifier_invalidate_range_start");
    }
    int ret = 0;
    callbacks.acquire();
    int index = srcu.readLock();
    List<MmuNotifierOps> subscribers = subscribers();
    for (MmuNotifierOps ops : subscribers) {
      int error = start(ops, range);
      if (error != 0) {
        ret = error;
      }
    }
    if (ret != 0) {
      // A subscriber that succeeded would wait for this end for ever: the caller never sends it.
      for (MmuNotifierOps ops : subscribers) {
        if (ops.hasInvalidateRangeEnd()) {
          ops.invalidateRangeEnd(range);
        }
      }
    }
    srcu.readUnlock(index);
    callbacks.release();
    if (ret == 0) {
      mm.observer().rangeStarted(range);
    }
    return ret;
  }

  /// Tells every subscriber that `range` has changed.
  ///
  /// @kernel mm/mmu_notifier.c __mmu_notifier_invalidate_range_end()
  public void invalidateRangeEnd(MmuNotifierRange range) {
    end(range, false);
  }

  /// As {@link #invalidateRangeEnd}, where the subscribers' `invalidate_range` was called under the
  /// page-table lock, or no entry has got another frame.
  ///
  /// @kernel include/linux/mmu_notifier.h mmu_notifier_invalidate_range_only_end()
  public void invalidateRangeOnlyEnd(MmuNotifierRange range) {
    end(range, true);
  }

  private void end(MmuNotifierRange range, boolean onlyEnd) {
    mm.observer().rangeEnding(range);
    callbacks.acquire();
    int index = srcu.readLock();
    for (MmuNotifierOps ops : subscribers()) {
      if (!onlyEnd) {
        ops.invalidateRange(range.start(), range.end());
      }
      if (ops.hasInvalidateRangeEnd()) {
        if (!range.blockable()) {
          Sched.nonBlockStart();
        }
        ops.invalidateRangeEnd(range);
        if (!range.blockable()) {
          Sched.nonBlockEnd();
        }
      }
    }
    srcu.readUnlock(index);
    callbacks.release();
    mm.observer().rangeEnded(range);
  }

  // ---- under the page-table lock

  /// Clears the accessed bits of every subscriber; returns whether one was set.
  ///
  /// @kernel mm/mmu_notifier.c __mmu_notifier_clear_flush_young()
  boolean clearFlushYoung(Hva start, Hva end) {
    return any(ops -> ops.clearFlushYoung(start, end));
  }

  /// @kernel mm/mmu_notifier.c __mmu_notifier_clear_young()
  boolean clearYoung(Hva start, Hva end) {
    return any(ops -> ops.clearYoung(start, end));
  }

  /// @kernel mm/mmu_notifier.c __mmu_notifier_test_young()
  boolean testYoung(Hva address) {
    return any(ops -> ops.testYoung(address));
  }

  /// Tells every subscriber that the entry of `address` becomes `pte`. The caller holds the
  /// page-table lock, and has opened a section around the page.
  ///
  /// @kernel mm/mmu_notifier.c __mmu_notifier_change_pte()
  public void changePte(Hva address, Pte pte) {
    any(ops -> {
      ops.changePte(address, pte);
      return false;
    });
  }

  /// Tells every subscriber that the entries of `range` have changed.
  ///
  /// @kernel mm/mmu_notifier.c __mmu_notifier_invalidate_range()
  void invalidateRange(MmuNotifierRange range) {
    any(ops -> {
      ops.invalidateRange(range.start(), range.end());
      return false;
    });
  }

  /// Tells every subscriber that the entries from `start` to `end` have changed and the TLBs were
  /// flushed, before frames are freed.
  ///
  /// @kernel mm/mmu_gather.c tlb_flush_mmu_tlbonly()
  void tlbFlush(Hva start, Hva end) {
    if (hasInvalidateRange) {
      any(ops -> {
        ops.invalidateRange(start, end);
        return false;
      });
    }
  }

  /// Asks every subscriber, whatever the one before has said; returns whether one said yes.
  private boolean any(Predicate<MmuNotifierOps> callback) {
    int index = srcu.readLock();
    boolean yes = false;
    for (MmuNotifierOps ops : subscribers()) {
      yes |= callback.test(ops);
    }
    srcu.readUnlock(index);
    return yes;
  }

  private List<MmuNotifierOps> subscribers() {
    return Objects.requireNonNull(list.srcuDereference(srcu));
  }

  private static int start(MmuNotifierOps ops, MmuNotifierRange range) {
    if (!range.blockable()) {
      Sched.nonBlockStart();
    }
    int error = ops.invalidateRangeStart(range);
    if (!range.blockable()) {
      Sched.nonBlockEnd();
    }
    if (error != 0 && (range.blockable() || error != -EAGAIN)) {
      warn(
          "I3",
          "invalidate_range_start returns 0, or -EAGAIN when the range is not blockable",
          "it returned " + error + " for " + range);
    }
    if (error != 0 && ops.hasInvalidateRangeEnd()) {
      warn(
          "I11",
          "a subscriber whose invalidate_range_start may fail has no invalidate_range_end",
          "its start returned " + error + " for " + range + ", and its end is called all the same");
    }
    return error;
  }

  private static void warn(String invariant, String rule, String seen) {
    Engine.current().fail(Violation.of(Violation.Kind.MISUSE, invariant, rule, seen));
  }
}
