// SPDX-License-Identifier: MIT
package kvmlab.mm;

import static kvmlab.kernel.Errno.EFAULT;

import java.util.List;
import java.util.Objects;
import kvmlab.kernel.Ktrace;
import kvmlab.kernel.LockdepMap;
import kvmlab.kernel.LongCell;
import kvmlab.kernel.RwSemaphore;
import kvmlab.kernel.Sched;
import org.jspecify.annotations.Nullable;

/// The address space of the program that runs the guests: its areas, its page table, its frames,
/// and the system calls that change them. What changes it from outside is a class of its own:
/// [AddressSpace], [Khugepaged], [Ksm], [Migrate], [OomReaper], [PageIdle], [Vmscan].
///
/// Simplified: it has its first few pages only.
///
/// @kernel include/linux/mm_types.h struct mm_struct
public final class MmStruct {

  // Every edit of the page table that takes a frame or a permission away lies between a start and
  // an end of the notifier, under page_table_lock:
  //
  //   mmap_lock, or locks of the reverse mapping, or both
  //     > start > page_table_lock: clear > free the frames > end
  //
  // Frames are freed after page_table_lock is dropped; where the end is not awaited, as when a huge
  // page is collapsed, nobody can look the page up meanwhile.

  static final long MMF_OOM_VICTIM = 1;
  static final long MMF_OOM_SKIP = 2;

  // Needs no lock.
  private final MmuNotifierSubscriptions notifierSubscriptions;
  private final AnonVma anonVma;
  private final LongCell flags = new LongCell("mm->flags", 0);
  private MmObserver observer = MmObserver.NONE;

  // Tells lockdep that a look-up is made, whatever locks it turns out to need.
  private final LockdepMap lookUps = new LockdepMap("get_user_pages_fast");

  private final RwSemaphore mmapLock = RwSemaphore.define("mmap_lock");
  // Guarded by mmap_lock.
  private final VmAreas areas;
  private final LongCell children;

  // Locks itself.
  private final PageTable pageTable;

  // Guarded by page_table_lock.
  private final PageAllocator pageAllocator;
  private final LongCell unstable;

  /// Makes an empty address space that has `pages` pages, `h0` to `h(pages - 1)`.
  public MmStruct(int pages) {
    this(pages, null);
  }

  private MmStruct(int pages, @Nullable MmStruct parent) {
    notifierSubscriptions = new MmuNotifierSubscriptions(this);
    areas = new VmAreas(this);
    children = new LongCell("children", 0).guardedBy(mmapLock).hidden();
    pageTable = new PageTable(pages, this::observer);
    pageAllocator =
        parent == null
            ? new PageAllocator(pageTable.ptl(), this::observer)
            : parent.pageAllocator.child(parent.nextChild(), pageTable.ptl(), this::observer);
    unstable = new LongCell("MMF_UNSTABLE", 0).guardedBy(pageTable.ptl()).hidden();
    anonVma = parent == null ? new AnonVma() : parent.anonVma;
    anonVma.join(this);
  }

  // ---- system calls

  /// Makes the pages from `start` to `end` usable; each gets a frame when it is first touched.
  ///
  /// @kernel mm/mmap.c do_mmap()
  public void mmap(Hva start, Hva end) {
    checkPages(start, end);
    map(new VmAreaStruct(start, end));
  }

  /// Maps `file`, shared, from its page `pgoff` on at the pages from `start` to `end`.
  public void mmap(Hva start, Hva end, AddressSpace file, long pgoff) {
    checkPages(start, end);
    map(new VmAreaStruct(start, end, Prot.READ_WRITE, false, file, pgoff));
  }

  private void map(VmAreaStruct vma) {
    mmapLock.downWrite();
    areas.add(vma);
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
      Zap.zapPageRange(this, start, end);
      mmapLock.upRead();
    }
  }

  /// Wants huge pages in the areas from `start` to `end`. To be called before anybody else uses
  /// them: from then on every look-up there reads one entry more.
  ///
  /// @kernel mm/huge_memory.c hugepage_madvise()
  public void madviseHugepage(Hva start, Hva end) {
    checkPages(start, end);
    mmapLock.downWrite();
    areas.change(start, end, VmAreaStruct::withHugePages);
    for (Hva page = start; page.compareTo(end) < 0; page = page.plus(Hva.PAGE_SIZE)) {
      pageTable.allowHuge(page);
    }
    mmapLock.upWrite();
  }

  /// Takes the pages from `start` to `end` away, with their frames.
  ///
  /// @kernel mm/mmap.c __do_munmap()
  public void munmap(Hva start, Hva end) {
    checkPages(start, end);
    try (var _ = Ktrace.call(() -> "munmap(" + start + ".." + end + ")")) {
      mmapLock.downWrite();
      List<VmAreaStruct> before = areas.cut(start, end);
      // The areas are gone, so nobody can fault a page in again: readers may come.
      mmapLock.downgradeWrite();
      Zap.zapPageRange(this, start, end);
      areas.unlinkFiles(before, start, end);
      mmapLock.upRead();
    }
  }

  /// Changes what may be done with the pages from `start` to `end`.
  ///
  /// @kernel mm/mprotect.c do_mprotect_pkey()
  public void mprotect(Hva start, Hva end, Prot prot) {
    checkPages(start, end);
    try (var _ = Ktrace.call(() -> "mprotect(" + start + ".." + end + ", " + prot + ")")) {
      mmapLock.downWrite();
      areas.change(start, end, area -> area.with(prot));
      ChangeProtection.changeProtection(this, start, end, prot);
      mmapLock.upWrite();
    }
  }

  /// Moves the pages from `start` to `end` with their frames: the first is at `to` from then on,
  /// where nothing is mapped.
  ///
  /// @return 0, or `-EFAULT` if the pages do not lie in one area
  /// @kernel mm/mremap.c mremap_to()
  public int mremap(Hva start, Hva end, Hva to) {
    checkPages(start, end);
    checkPages(to, to.plus(end.address() - start.address()));
    try (var _ = Ktrace.call(() -> "mremap(" + start + ".." + end + ", " + to + ")")) {
      mmapLock.downWrite();
      VmAreaStruct area = areas.find(start);
      if (area == null || area.end().compareTo(end) < 0) {
        mmapLock.upWrite();
        return -EFAULT;
      }
      areas.add(area.within(start, end).movedTo(to));
      MoveVma.movePageTables(this, start, end, to);
      // do_munmap(), which finds no page any more, and sends a start and an end.
      List<VmAreaStruct> before = areas.cut(start, end);
      Zap.zapPageRange(this, start, end);
      areas.unlinkFiles(before, start, end);
      mmapLock.upWrite();
      return 0;
    }
  }

  /// Makes a child that has the same memory: frames are shared until one of the two writes.
  ///
  /// @kernel kernel/fork.c dup_mm()
  public MmStruct fork() {
    try (var _ = Ktrace.call(() -> "fork()")) {
      mmapLock.downWrite();
      MmStruct child = new MmStruct(pageTable.pages(), this);
      child.mmapLock.downWriteNested(1);
      for (VmAreaStruct area : areas.all()) {
        child.areas.add(area);
        if (area.file() == null) {
          DupMmap.copyPageRange(this, child, area);
        }
      }
      child.mmapLock.upWrite();
      mmapLock.upWrite();
      return child;
    }
  }

  /// The end of the program: every subscriber is released, then every frame freed. The caller is
  /// the last one who runs in this address space.
  ///
  /// @kernel kernel/fork.c mmput(); mm/mmap.c exit_mmap()
  public void exitMmap() {
    try (var _ = Ktrace.call(() -> "exit_mmap()")) {
      ExitMmap.exitMmap(this);
    }
  }

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
    Pte pte = pageTable.walk(hva);
    Pfn pfn = pte != null && pte.permits(write) ? pte.pfn() : getUserPagesUnlocked(hva, write);
    observer.lookedUp(hva, pfn);
    return pfn;
  }

  private Pfn getUserPagesUnlocked(Hva hva, boolean write) {
    mmapLock.downRead();
    VmAreaStruct vma = areas.find(hva);
    Pfn pfn = vma == null ? Pfn.ERR_FAULT : PageFault.handleMmFault(this, vma, hva, write);
    mmapLock.upRead();
    Ktrace.note(() -> hva + " -> " + pfn);
    return pfn;
  }

  /// Returns the level at which the host maps `hva`: 1 for a page, 2 for a huge page. Takes no
  /// lock: the answer may be old when this method returns.
  ///
  /// @kernel arch/x86/kvm/mmu/mmu.c host_pfn_mapping_level()
  public int mappingLevel(Hva hva) {
    return pageTable.transHuge(hva) ? 2 : 1;
  }

  // ---- processes

  /// Makes the calling task one of the process that has this address space. Without it, a task
  /// belongs to the process that every address space of the scenario is taken to belong to.
  ///
  /// @kernel kernel/kthread.c kthread_use_mm()
  public void useMm() {
    Sched.useMm(this);
  }

  /// Returns whether the calling task belongs to the process that has this address space:
  /// `current->mm == mm`.
  public boolean isCurrent() {
    Object mm = Sched.currentMm();
    return mm == null || mm == this;
  }

  // ---- subscribers

  /// Adds a subscriber; it is called before those that came earlier. No section is open meanwhile.
  ///
  /// @kernel mm/mmu_notifier.c mmu_notifier_register(); mm/mmap.c mm_take_all_locks()
  public void mmuNotifierRegister(MmuNotifierOps ops) {
    mmapLock.downWrite();
    notifierSubscriptions.primeReclaim();
    List<AddressSpace> files =
        areas.all().stream().map(VmAreaStruct::file).filter(Objects::nonNull).distinct().toList();
    for (int i = 0; i < files.size(); i++) {
      files.get(i).iMmapRwsem.downWriteNested(i);
    }
    anonVma.rwsem.downWrite();
    notifierSubscriptions.register(ops);
    anonVma.rwsem.upWrite();
    files.forEach(file -> file.iMmapRwsem.upWrite());
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

  /// Takes the frames away from the pages from `start` to `end`, and tells nobody: the caller has
  /// opened a section around them, and holds the locks that this needs.
  ///
  /// @kernel mm/memory.c unmap_page_range()
  public void unmapPageRange(Hva start, Hva end) {
    Zap.unmapPageRange(this, start, end);
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
    pageTable.watch();
  }

  /// Returns the newest page-table entry of `hva`, whoever asks; null when no frame is mapped. In a
  /// huge page, what an entry of that page would say.
  public @Nullable Pte latestPte(Hva hva) {
    return pageTable.latest(hva);
  }

  /// Returns frame `pfn`, mapped or free, of this address space or a relative by fork.
  public PageFrame frame(Pfn pfn) {
    return pageAllocator.frame(pfn);
  }

  // ---- for what changes the address space

  MmObserver observer() {
    return observer;
  }

  RwSemaphore mmapLock() {
    return mmapLock;
  }

  AnonVma anonVma() {
    return anonVma;
  }

  PageTable pageTable() {
    return pageTable;
  }

  /// Returns a new frame. The caller holds the page-table lock.
  PageFrame allocPage(long data) {
    return pageAllocator.alloc(data);
  }

  /// Returns the first frame of a new huge page. The caller holds the page-table lock.
  PageFrame allocHuge(long[] data) {
    return pageAllocator.allocHuge(data);
  }

  boolean hasFlag(long flag) {
    return (flags.readOnce() & flag) != 0;
  }

  /// Sets a flag that is not set.
  void setFlag(long flag) {
    flags.fetchAdd(flag);
  }

  /// Returns whether pages may have lost their contents (`MMF_UNSTABLE`). The caller holds the
  /// page-table lock.
  boolean unstable() {
    return unstable.get() != 0;
  }

  void setUnstable() {
    pageTable.lock();
    unstable.set(1);
    pageTable.unlock();
  }

  /// Returns the areas. Whoever reads them holds `mmap_lock`.
  VmAreas areas() {
    return areas;
  }

  private long nextChild() {
    children.set(children.get() + 1);
    return children.get();
  }

  private void checkPages(Hva start, Hva end) {
    if (start.address() % Hva.PAGE_SIZE != 0
        || end.address() % Hva.PAGE_SIZE != 0
        || start.compareTo(end) >= 0
        || end.pageNumber() > pageTable.pages()) {
      throw new IllegalArgumentException(
          start + ".." + end + " is no range of whole pages among the first " + pageTable.pages());
    }
  }
}
