// SPDX-License-Identifier: MIT
package kvmlab.mm;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import kvmlab.kernel.Ktrace;
import kvmlab.kernel.LockdepMap;
import kvmlab.kernel.LongCell;
import kvmlab.kernel.RefCell;
import kvmlab.kernel.RwSemaphore;
import kvmlab.kernel.Sched;
import kvmlab.kernel.Spinlock;
import org.jspecify.annotations.Nullable;

/// The address space of the program that runs the guests: its page table, its frames, and the
/// system calls that change them.
///
/// Simplified: the page table has one level and one lock, and covers the first few pages only.
///
/// @kernel include/linux/mm_types.h struct mm_struct
public final class MmStruct {

  // Every edit of the page table lies between a start and an end of the notifier, under
  // page_table_lock. The one edit without a notification is from absent to present (faultin): no
  // translation can exist of a page that has no frame, so nobody needs to be told.
  //
  //   mmap_lock > start > page_table_lock: clear > free the frames > end
  //
  // Frames are freed after the lock is dropped and before the end, as mmu_gather does.

  // Needs no lock.
  private final MmuNotifierSubscriptions notifierSubscriptions;
  private final List<RefCell<Pte>> pageTable;
  private final Map<Pfn, PageFrame> frames = new ConcurrentHashMap<>();
  private MmObserver observer = MmObserver.NONE;

  // Tells lockdep that a look-up is made, whatever locks it turns out to need.
  private final LockdepMap lookUps = new LockdepMap("get_user_pages_fast");

  private final RwSemaphore mmapLock = RwSemaphore.define("mmap_lock");
  // Guarded by mmap_lock.
  private final RefCell<List<VmAreaStruct>> mmap;

  private final Spinlock pageTableLock = Spinlock.define("page_table_lock");
  // Guarded by page_table_lock; the entries of the page table, too, but they are read without it.
  private final LongCell nextPfn;

  /// Makes an empty address space that has `pages` pages, `h0` to `h(pages - 1)`.
  public MmStruct(int pages) {
    notifierSubscriptions = new MmuNotifierSubscriptions(this);
    mmap = new RefCell<List<VmAreaStruct>>("mmap", List.of()).guardedBy(mmapLock).hidden();
    nextPfn = new LongCell("next_pfn", 0).guardedBy(pageTableLock).hidden();
    pageTable = new ArrayList<>(pages);
    for (int page = 0; page < pages; page++) {
      pageTable.add(new RefCell<Pte>("pte(h" + page + ")", null).guardedBy(pageTableLock));
    }
  }

  // ---- system calls

  /// Makes the pages from `start` to `end` usable; each gets a frame when it is first touched.
  ///
  /// @kernel mm/mmap.c do_mmap()
  public void mmap(Hva start, Hva end) {
    checkPages(start, end);
    mmapLock.downWrite();
    List<VmAreaStruct> areas = new ArrayList<>(areas());
    areas.add(new VmAreaStruct(start, end));
    mmap.set(List.copyOf(areas));
    mmapLock.upWrite();
  }

  /// Gives every page from `start` to `end` a frame, as `MAP_POPULATE` does.
  ///
  /// @kernel mm/gup.c __mm_populate()
  public void populate(Hva start, Hva end) {
    for (Hva page = start; page.compareTo(end) < 0; page = page.plus(Hva.PAGE_SIZE)) {
      getUserPagesUnlocked(page, true);
    }
  }

  /// Takes the frames away from the pages from `start` to `end`, which stay usable: the next touch
  /// gives a page a new frame.
  ///
  /// @kernel mm/madvise.c madvise_dontneed_single_vma()
  public void madviseDontneed(Hva start, Hva end) {
    checkPages(start, end);
    try (var _ = Ktrace.call(() -> "madvise(" + start + ".." + end + ", MADV_DONTNEED)")) {
      mmapLock.downRead();
      zapPageRange(start, end);
      mmapLock.upRead();
    }
  }

  /// Takes the pages from `start` to `end` away, with their frames.
  ///
  /// @kernel mm/mmap.c __do_munmap()
  public void munmap(Hva start, Hva end) {
    checkPages(start, end);
    try (var _ = Ktrace.call(() -> "munmap(" + start + ".." + end + ")")) {
      mmapLock.downWrite();
      mmap.set(areas().stream().flatMap(area -> area.without(start, end).stream()).toList());
      // The areas are gone, so nobody can fault a page in again: readers may come.
      mmapLock.downgradeWrite();
      zapPageRange(start, end);
      mmapLock.upRead();
    }
  }

  // tag::zap[]
  private void zapPageRange(Hva start, Hva end) {
    MmuNotifierRange range = new MmuNotifierRange(start, end, true);
    notifierSubscriptions.invalidateRangeStart(range);
    List<PageFrame> unmapped = new ArrayList<>();
    pageTableLock.lock();
    for (Hva page = start; page.compareTo(end) < 0; page = page.plus(Hva.PAGE_SIZE)) {
      Pte old = entry(page).get();
      if (old != null) {
        entry(page).writeOnce(null);
        observer.pteChanged(page);
        unmapped.add(frame(old.pfn()));
      }
    }
    pageTableLock.unlock();
    for (PageFrame frame : unmapped) {
      frame.free();
      observer.frameFreed(frame);
    }
    notifierSubscriptions.invalidateRangeEnd(range);
  }

  // end::zap[]

  // ---- look-up

  /// Returns the frame behind `hva`, after giving the page one if it has none, or an error where
  /// nothing is mapped. May sleep, and may run notifiers: the caller holds no spinning lock.
  ///
  /// The frame is valid when it is read from the page table. The host may take it away again before
  /// this method returns.
  ///
  /// @param write whether the caller is going to write
  /// @kernel mm/gup.c get_user_pages_fast()
  public Pfn getUserPagesFast(Hva hva, boolean write) {
    lookUps.acquire();
    lookUps.release();
    Sched.mightSleep("get_user_pages_fast");
    // Lockless, as the hardware's own walk: nothing but the caller's barriers orders this read.
    Pte pte = entry(hva).readOnce();
    Pfn pfn = pte != null && pte.permits(write) ? pte.pfn() : getUserPagesUnlocked(hva, write);
    observer.lookedUp(hva, pfn);
    return pfn;
  }

  private Pfn getUserPagesUnlocked(Hva hva, boolean write) {
    mmapLock.downRead();
    Pfn pfn = Pfn.ERR_FAULT;
    if (areas().stream().anyMatch(area -> area.contains(hva))) {
      pfn = handleMmFault(hva, write);
    }
    mmapLock.upRead();
    Pfn found = pfn;
    Ktrace.note(() -> hva + " -> " + found);
    return pfn;
  }

  private Pfn handleMmFault(Hva hva, boolean write) {
    pageTableLock.lock();
    Pte pte = entry(hva).get();
    // Another task may have faulted the page in since the lockless read.
    if (pte == null) {
      pte = new Pte(allocPage(), true);
      entry(hva).writeOnce(pte);
      observer.pteChanged(hva);
    }
    pageTableLock.unlock();
    return pte.permits(write) ? pte.pfn() : Pfn.ERR_FAULT;
  }

  private Pfn allocPage() {
    Pfn pfn = new Pfn(nextPfn.get());
    nextPfn.set(pfn.number() + 1);
    frames.put(pfn, new PageFrame(pfn));
    return pfn;
  }

  // ---- subscribers

  /// Adds a subscriber; it is called before those that came earlier.
  ///
  /// @kernel mm/mmu_notifier.c mmu_notifier_register()
  public void mmuNotifierRegister(MmuNotifierOps ops) {
    mmapLock.downWrite();
    notifierSubscriptions.register(ops);
    mmapLock.upWrite();
  }

  /// Removes a subscriber: calls its release unless the address space has done so. When this
  /// returns, no callback of it is running and none will run any more; a section whose start it was
  /// told may be open, and it will never be told the end.
  ///
  /// The caller is in no callback of any subscriber.
  ///
  /// @kernel mm/mmu_notifier.c mmu_notifier_unregister()
  public void mmuNotifierUnregister(MmuNotifierOps ops) {
    notifierSubscriptions.unregister(ops);
  }

  /// Returns the subscribers, for a caller that sends start and end by itself.
  public MmuNotifierSubscriptions notifierSubscriptions() {
    return notifierSubscriptions;
  }

  // ---- for invariants and reports

  /// Tells `observer` what happens from now on. There is one, for good.
  public void observe(MmObserver observer) {
    if (this.observer != MmObserver.NONE) {
      throw new IllegalStateException("this address space is observed already");
    }
    this.observer = observer;
  }

  /// Declares that an invariant looks at the page table after every event.
  public void watch() {
    pageTable.forEach(RefCell::watch);
  }

  /// Returns the newest page-table entry of `hva`, whoever asks; null when there is none.
  public @Nullable Pte latestPte(Hva hva) {
    return entry(hva).latest();
  }

  /// Returns frame `pfn`, mapped or free.
  public PageFrame frame(Pfn pfn) {
    return Objects.requireNonNull(frames.get(pfn), pfn::toString);
  }

  MmObserver observer() {
    return observer;
  }

  private RefCell<Pte> entry(Hva hva) {
    return pageTable.get(Math.toIntExact(hva.pageNumber()));
  }

  private List<VmAreaStruct> areas() {
    return Objects.requireNonNull(mmap.get());
  }

  private void checkPages(Hva start, Hva end) {
    if (start.address() % Hva.PAGE_SIZE != 0
        || end.address() % Hva.PAGE_SIZE != 0
        || start.compareTo(end) >= 0
        || end.pageNumber() > pageTable.size()) {
      throw new IllegalArgumentException(
          start + ".." + end + " is no range of whole pages among the first " + pageTable.size());
    }
  }
}
