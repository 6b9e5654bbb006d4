// SPDX-License-Identifier: MIT
package kvmlab.lab.program;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What an operation must come to, of memory as the manual pages describe it: pages that hold
/// values, areas that permit, slots that map. It knows no frame, no page table and no lock.
final class Model {
  static final int HOST_PAGES = 8;
  static final int MAPPED_PAGES = 5;
  static final int GUEST_PAGES = 4;
  static final int FILE_PAGES = 4;

  /// What `perform` answers to an operation that makes no sense now.
  static final String SKIPPED = "skipped";

  private static final int MACHINES = 2;
  private static final int ADDRESS_SPACES = 2;

  /// A page that may be used. Of the file, if `file` is not negative; then the value is there.
  private record Page(boolean writable, int file, long value) {
    static final Page FRESH = new Page(true, -1, 0);
  }

  private static final class Slot {
    private final int id;
    private final int pages;
    private final int hva;
    private final boolean readonly;
    private int base;
    private boolean logs;

    /// Which pages the guest has written since that was asked last: bit 0 is the first.
    private long dirty;

    Slot(int id, int base, int pages, int hva, boolean readonly, boolean logs) {
      this.id = id;
      this.base = base;
      this.pages = pages;
      this.hva = hva;
      this.readonly = readonly;
      this.logs = logs;
    }

    boolean overlaps(int otherBase, int otherPages) {
      return base < otherBase + otherPages && otherBase < base + pages;
    }
  }

  private final Page[] host = new Page[HOST_PAGES];
  private Page[] child;
  private boolean reaped;
  private final long[] file = new long[FILE_PAGES];
  private int fileSize = FILE_PAGES;
  private final int[] modes = new int[3];
  private final List<List<List<Slot>>> slots = new ArrayList<>();

  Model() {
    Arrays.fill(host, 0, MAPPED_PAGES, Page.FRESH);
    for (int vm = 0; vm < MACHINES; vm++) {
      List<List<Slot>> spaces = new ArrayList<>();
      for (int asId = 0; asId < ADDRESS_SPACES; asId++) {
        spaces.add(new ArrayList<>());
      }
      slots.add(spaces);
    }
  }

  /// Returns what `op` must come to, in words, and changes the memory accordingly.
  String perform(Op op) {
    int a = op.a();
    return switch (op.kind()) {
      case GUEST_READ -> guest(op, false);
      case GUEST_WRITE -> guest(op, true);
      case GUEST_SMM -> {
        modes[op.vcpu()] ^= 1;
        yield "done";
      }
      case HOST_READ -> read(host, a);
      case HOST_WRITE -> write(host, a, value(op));
      case CHILD_READ -> child == null ? SKIPPED : read(child, a);
      case CHILD_WRITE -> child == null ? SKIPPED : write(child, a, value(op));
      case MMAP -> mmap(a, op.pages(), -1);
      case MMAP_FILE -> mmap(a, op.pages(), op.c() % FILE_PAGES);
      case MUNMAP -> each(a, op.pages(), null);
      case MADVISE_DONTNEED -> discard(a, op.pages());
      case MPROTECT_READ -> protect(a, op.pages(), false);
      case MPROTECT_WRITE -> protect(a, op.pages(), true);
      case MREMAP -> move(a, op.b());
      case FORK -> fork();
      case KSM_MERGE -> anonymous(a) && anonymous(op.b()) && a != op.b() ? "done" : SKIPPED;
      case RECLAIM, MIGRATE -> anonymous(a) ? "done" : SKIPPED;
      case MADVISE_HUGEPAGE, COLLAPSE -> "done";
      case OOM_REAP -> {
        reaped = true;
        yield "done";
      }
      case TRUNCATE -> truncate(a % FILE_PAGES);
      case PUNCH_HOLE -> punch(a % FILE_PAGES);
      case SLOT_CREATE -> create(op, false, false);
      case SLOT_CREATE_READONLY -> create(op, true, false);
      case SLOT_CREATE_LOGGING -> create(op, false, true);
      case SLOT_DELETE -> delete(op);
      case SLOT_MOVE -> moveSlot(op);
      case SLOT_LOG_DIRTY -> toggleLog(slot(op));
      case GET_DIRTY_LOG -> fetchLog(slot(op));
    };
  }

  static long value(Op op) {
    // Few values, so that pages hold the same now and then.
    return 1 + op.c() % 4;
  }

  // ---- accesses

  private String guest(Op op, boolean write) {
    int vm = op.vcpu() / 2;
    int gfn = op.b() % GUEST_PAGES;
    for (Slot slot : slots.get(vm).get(modes[op.vcpu()])) {
      if (slot.overlaps(gfn, 1)) {
        int hva = slot.hva + gfn - slot.base;
        if (write && slot.readonly) {
          return "MMIO";
        }
        String answer = write ? write(host, hva, value(op)) : read(host, hva);
        if (answer.startsWith("writes")) {
          slot.dirty |= 1L << gfn - slot.base;
        }
        return answer;
      }
    }
    return "MMIO";
  }

  private String read(Page[] pages, int at) {
    Page page = pages[at];
    if (faults(pages, page)) {
      return "EFAULT";
    }
    return "reads " + (page.file < 0 ? page.value : file[page.file]);
  }

  private String write(Page[] pages, int at, long value) {
    Page page = pages[at];
    if (faults(pages, page) || !page.writable) {
      return "EFAULT";
    }
    if (page.file < 0) {
      pages[at] = new Page(true, -1, value);
    } else {
      file[page.file] = value;
    }
    return "writes " + value;
  }

  /// Where the kernel has taken what the program left, zeroes would be a lie.
  private boolean faults(Page[] pages, Page page) {
    return page == null || page.file >= fileSize || reaped && pages == host && page.file < 0;
  }

  // ---- system calls

  /// Returns the page behind the last of `pages` from `from` on.
  static int end(int from, int pages) {
    return Math.min(from + pages, HOST_PAGES);
  }

  private String mmap(int from, int pages, int pgoff) {
    for (int at = from; at < end(from, pages); at++) {
      if (host[at] != null) {
        return SKIPPED;
      }
    }
    for (int at = from; at < end(from, pages); at++) {
      host[at] = pgoff < 0 ? Page.FRESH : new Page(true, pgoff + at - from, 0);
    }
    return "done";
  }

  private String each(int from, int pages, Page page) {
    Arrays.fill(host, from, end(from, pages), page);
    return "done";
  }

  private String discard(int from, int pages) {
    for (int at = from; at < end(from, pages); at++) {
      if (anonymous(at)) {
        host[at] = new Page(host[at].writable, -1, 0);
      }
    }
    return "done";
  }

  private String protect(int from, int pages, boolean writable) {
    for (int at = from; at < end(from, pages); at++) {
      if (host[at] != null) {
        host[at] = new Page(writable, host[at].file, host[at].value);
      }
    }
    return "done";
  }

  private String move(int from, int to) {
    if (host[from] == null || host[to] != null) {
      return SKIPPED;
    }
    host[to] = host[from];
    host[from] = null;
    return "done";
  }

  private String fork() {
    // A program that is being killed makes no child.
    if (child != null || reaped) {
      return SKIPPED;
    }
    child = host.clone();
    return "done";
  }

  private boolean anonymous(int at) {
    return host[at] != null && host[at].file < 0;
  }

  private String truncate(int pages) {
    Arrays.fill(file, pages, FILE_PAGES, 0);
    fileSize = pages;
    return "done";
  }

  private String punch(int page) {
    file[page] = 0;
    return "done";
  }

  // ---- memslots

  private List<Slot> space(Op op) {
    return slots.get(op.vm()).get(op.asId());
  }

  private Slot slot(Op op) {
    return space(op).stream().filter(slot -> slot.id == op.slotId()).findFirst().orElse(null);
  }

  /// How many pages a slot has from page `base` of the guest and page `hva` of the host on: as many
  /// as a huge page, where one fits.
  static int slotPages(int base, int hva) {
    int most = base == 0 && hva % GUEST_PAGES == 0 ? GUEST_PAGES : 2;
    return Math.min(most, Math.min(GUEST_PAGES - base, HOST_PAGES - hva));
  }

  private String create(Op op, boolean readonly, boolean logs) {
    int base = op.b() % GUEST_PAGES;
    int pages = slotPages(base, op.c());
    if (slot(op) != null) {
      return SKIPPED;
    }
    if (space(op).stream().anyMatch(slot -> slot.overlaps(base, pages))) {
      return "EEXIST";
    }
    space(op).add(new Slot(op.slotId(), base, pages, op.c(), readonly, logs));
    return "0";
  }

  private String delete(Op op) {
    return space(op).removeIf(slot -> slot.id == op.slotId()) ? "0" : "EINVAL";
  }

  private String moveSlot(Op op) {
    Slot slot = slot(op);
    int base = op.b() % GUEST_PAGES;
    if (slot == null || base + slot.pages > GUEST_PAGES) {
      return SKIPPED;
    }
    if (space(op).stream().anyMatch(other -> other != slot && other.overlaps(base, slot.pages))) {
      return "EEXIST";
    }
    slot.base = base;
    return "0";
  }

  private static String toggleLog(Slot slot) {
    if (slot == null) {
      return SKIPPED;
    }
    slot.logs = !slot.logs;
    slot.dirty = 0;
    return "0";
  }

  private static String fetchLog(Slot slot) {
    if (slot == null || !slot.logs) {
      return "ENOENT";
    }
    long dirty = slot.dirty;
    slot.dirty = 0;
    return "log " + dirty;
  }
}
