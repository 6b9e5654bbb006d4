// SPDX-License-Identifier: MIT
package kvmlab.mm;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import kvmlab.kernel.LongCell;
import kvmlab.kernel.Mutex;
import kvmlab.kernel.RefCell;
import kvmlab.kernel.RwSemaphore;
import org.jspecify.annotations.Nullable;

/// A file in memory, and where it is mapped. Every mapping is shared.
///
/// Simplified: one truncation or hole punch at a time, as `i_rwsem` sees to it in the kernel.
///
/// @kernel include/linux/fs.h struct address_space; mm/truncate.c
public final class AddressSpace {

  // A page is faulted in under its lock, and truncated under its lock after the size has changed
  // and every mapping is gone: a fault that came too early for the first look over the mappings is
  // found by the second, under the page lock.

  /// A page of the file.
  private static final class Page {
    final Mutex lock = Mutex.define("PG_locked");
    // Guarded by lock.
    final RefCell<PageFrame> frame;

    Page(int number) {
      frame = new RefCell<PageFrame>("page_cache[" + number + "]", null).guardedBy(lock).hidden();
    }
  }

  /// Where an area maps the file.
  private record Mapping(MmStruct mm, VmAreaStruct vma) {}

  private final LongCell size;
  private final List<Page> pages;

  /// Held for writing while mappings come and go, or lose pages; for reading while one is looked
  /// for.
  final RwSemaphore iMmapRwsem = RwSemaphore.define("i_mmap_rwsem");

  // Guarded by i_mmap_rwsem.
  private final RefCell<List<Mapping>> iMmap =
      new RefCell<List<Mapping>>("i_mmap", List.of()).guardedBy(iMmapRwsem).hidden();

  /// Makes a file of `pages` pages that hold 0.
  public AddressSpace(int pages) {
    size = new LongCell("i_size", pages);
    this.pages = new ArrayList<>(pages);
    for (int page = 0; page < pages; page++) {
      this.pages.add(new Page(page));
    }
  }

  // ---- system calls

  /// Cuts the file off behind its first `pages` pages: the rest is freed, and touching it is an
  /// error. A file that was shorter gets longer, by pages that hold 0. Takes `i_mmap_rwsem` for
  /// writing; not `mmap_lock`.
  ///
  /// @kernel mm/truncate.c truncate_setsize(), truncate_pagecache()
  public void truncate(int pages) {
    size.writeOnce(pages);
    unmapAndFree(pages, this.pages.size());
  }

  /// Frees pages `from` to `to`, the latter excluded: the next touch finds a new page. Takes
  /// `i_mmap_rwsem` for writing; not `mmap_lock`.
  ///
  /// @kernel mm/shmem.c shmem_fallocate() with FALLOC_FL_PUNCH_HOLE
  public void punchHole(int from, int to) {
    unmapAndFree(from, to);
  }

  private void unmapAndFree(int from, int to) {
    unmapMappingPages(from, to);
    for (int number = from; number < to; number++) {
      truncatePage(number);
    }
  }

  /// Takes the pages out of every address space, in a section for each.
  ///
  /// @kernel mm/memory.c unmap_mapping_pages()
  private void unmapMappingPages(int from, int to) {
    iMmapRwsem.downWrite();
    for (Mapping mapping : Objects.requireNonNull(iMmap.get())) {
      Hva start = mapping.vma().address(from);
      Hva end = mapping.vma().address(to);
      if (mapping.vma().overlaps(start, end)) {
        VmAreaStruct part = mapping.vma().within(start, end);
        Zap.zapPageRange(mapping.mm(), part.start(), part.end());
      }
    }
    iMmapRwsem.upWrite();
  }

  /// @kernel mm/truncate.c truncate_inode_pages_range(), truncate_cleanup_page()
  private void truncatePage(int number) {
    Page page = pages.get(number);
    page.lock.lock();
    PageFrame frame = page.frame.get();
    if (frame != null) {
      if (frame.shared()) {
        // A fault has mapped it since.
        unmapMappingPages(number, number + 1);
      }
      page.frame.set(null);
      if (frame.put()) {
        frame.free();
      }
    }
    page.lock.unlock();
  }

  // ---- for address spaces

  /// Maps the page at `hva` of `vma`. The caller holds `mmap_lock` for reading.
  ///
  /// @return the frame, or an error behind the end of the file
  /// @kernel mm/memory.c do_shared_fault(), finish_fault(); mm/filemap.c filemap_fault()
  Pfn fault(MmStruct mm, VmAreaStruct vma, Hva hva) {
    if (vma.pgoff(hva) >= pages.size()) {
      return Pfn.ERR_FAULT;
    }
    Page page = pages.get(Math.toIntExact(vma.pgoff(hva)));
    page.lock.lock();
    // SIGBUS. Under the page lock: a truncation that comes later finds the page mapped.
    Pfn pfn = Pfn.ERR_FAULT;
    if (vma.pgoff(hva) < size.readOnce()) {
      mm.pageTable().lock();
      PageFrame frame = page.frame.get();
      if (frame == null) {
        frame = mm.allocPage(0);
        page.frame.set(frame);
      }
      pfn = frame.pfn();
      if (mm.pageTable().isTable(hva) && mm.pageTable().get(hva) == null) {
        frame.get();
        mm.pageTable().set(hva, new Pte(pfn, vma.writable()));
      }
      mm.pageTable().unlock();
    }
    page.lock.unlock();
    return pfn;
  }

  /// Adds an area that maps the file.
  ///
  /// @kernel mm/mmap.c vma_link()
  void link(MmStruct mm, VmAreaStruct vma) {
    change(null, List.of(new Mapping(mm, vma)));
  }

  /// Takes an area away, but for the parts of it that are `left`.
  ///
  /// @kernel mm/mmap.c unlink_file_vma()
  void unlink(MmStruct mm, VmAreaStruct vma, List<VmAreaStruct> left) {
    change(new Mapping(mm, vma), left.stream().map(part -> new Mapping(mm, part)).toList());
  }

  private void change(@Nullable Mapping gone, List<Mapping> added) {
    iMmapRwsem.downWrite();
    List<Mapping> mappings = new ArrayList<>(Objects.requireNonNull(iMmap.get()));
    if (gone != null) {
      mappings.remove(gone);
    }
    mappings.addAll(added);
    iMmap.set(List.copyOf(mappings));
    iMmapRwsem.upWrite();
  }
}
