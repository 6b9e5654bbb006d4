// SPDX-License-Identifier: MIT
package kvmlab.lab.program;

import java.util.Locale;

/// One operation of a generated program. What its numbers mean depends on the kind; every
/// combination means something, so that any list of operations is a program and shrinks to one.
///
/// @param a a number from 0 to 7, as are the others
record Op(Kind kind, int a, int b, int c) {

  /// What is done, and to what.
  enum Kind {
    /// Guest memory, by virtual processor `a`, page `b`; a write writes `c`.
    GUEST_READ,
    GUEST_WRITE,
    /// The processor enters the system management mode of its guest, address space 1, or leaves it.
    GUEST_SMM,
    /// The host's own accesses, to page `a`.
    HOST_READ,
    HOST_WRITE,
    /// The child's, if there is one.
    CHILD_READ,
    CHILD_WRITE,
    /// System calls on 1, 2 or 4 pages from page `a` on.
    MMAP,
    MMAP_FILE,
    MUNMAP,
    MADVISE_DONTNEED,
    MADVISE_HUGEPAGE,
    MPROTECT_READ,
    MPROTECT_WRITE,
    /// One page, from `a` to `b`.
    MREMAP,
    FORK,
    /// What the kernel does by itself, to page `a`.
    KSM_MERGE,
    RECLAIM,
    MIGRATE,
    COLLAPSE,
    /// The kernel kills the program, and takes its anonymous memory first.
    OOM_REAP,
    /// Of the file, from its page `a % 4` on.
    TRUNCATE,
    PUNCH_HOLE,
    /// Memslots of virtual machine `a & 1`, number `a >> 2`, address space `a >> 1 & 1`.
    SLOT_CREATE,
    SLOT_CREATE_READONLY,
    SLOT_CREATE_LOGGING,
    SLOT_DELETE,
    SLOT_MOVE,
    SLOT_LOG_DIRTY,
    GET_DIRTY_LOG
  }

  /// Returns the virtual processor: two are of one machine, one is of the other.
  int vcpu() {
    return a % 3;
  }

  int vm() {
    return a & 1;
  }

  int asId() {
    return a >> 1 & 1;
  }

  int slotId() {
    return a >> 2;
  }

  int pages() {
    return 1 << b % 3;
  }

  @Override
  public String toString() {
    return kind.name().toLowerCase(Locale.ROOT) + "(" + a + "," + b + "," + c + ")";
  }
}
