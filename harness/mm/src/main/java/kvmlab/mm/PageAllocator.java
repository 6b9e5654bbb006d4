// SPDX-License-Identifier: MIT
package kvmlab.mm;

import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import kvmlab.kernel.LongCell;
import kvmlab.kernel.Spinlock;

/// Gives an address space its frames, each number once. Relatives by fork share frames, so they
/// know each other's.
///
/// Simplified: guarded by the page-table lock of its address space, where Linux allocates before it
/// takes that lock. Allocation never fails and never reclaims.
///
/// @kernel mm/page_alloc.c alloc_pages(); include/linux/mmzone.h
final class PageAllocator {
  // The frame numbers of a child are as recognisable as its parent's.
  private static final long NUMBERS = 100;

  // Needs no lock.
  private final Map<Pfn, PageFrame> memMap;
  private final Supplier<MmObserver> observer;
  private final long first;

  // Guarded by page_table_lock.
  private final LongCell nextPfn;

  private PageAllocator(
      Map<Pfn, PageFrame> memMap,
      long first,
      Spinlock pageTableLock,
      Supplier<MmObserver> observer) {
    this.memMap = memMap;
    this.first = first;
    this.observer = observer;
    nextPfn = new LongCell("next_pfn", first).guardedBy(pageTableLock).hidden();
  }

  PageAllocator(Spinlock pageTableLock, Supplier<MmObserver> observer) {
    this(new ConcurrentHashMap<>(), 0, pageTableLock, observer);
  }

  /// Returns an allocator for the `n`-th child, counted from 1.
  PageAllocator child(long n, Spinlock pageTableLock, Supplier<MmObserver> observer) {
    return new PageAllocator(memMap, first * 10 + n * NUMBERS, pageTableLock, observer);
  }

  /// Returns a new frame that holds `data`.
  PageFrame alloc(long data) {
    Pfn pfn = new Pfn(nextPfn.get());
    nextPfn.set(pfn.number() + 1);
    return add(pfn, data);
  }

  /// Returns the first of as many consecutive new frames as a huge page has, aligned as it is.
  PageFrame allocHuge(long[] data) {
    long first = nextPfn.get() + Hva.PAGES_PER_HPAGE - 1 & -Hva.PAGES_PER_HPAGE;
    nextPfn.set(first + Hva.PAGES_PER_HPAGE);
    for (int i = 1; i < Hva.PAGES_PER_HPAGE; i++) {
      add(new Pfn(first + i), data[i]);
    }
    return add(new Pfn(first), data[0]);
  }

  private PageFrame add(Pfn pfn, long data) {
    PageFrame frame = new PageFrame(pfn, data, observer);
    memMap.put(pfn, frame);
    return frame;
  }

  PageFrame frame(Pfn pfn) {
    return Objects.requireNonNull(memMap.get(pfn), pfn::toString);
  }
}
