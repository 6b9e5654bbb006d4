// SPDX-License-Identifier: MIT
package kvmlab.kernel.memory;

import java.util.Set;

/// An event of an execution, as herd7 makes them of a litmus test: a read, a write, or neither.
///
/// @param task the task; -1 for initial writes
/// @param type what it does to memory
/// @param location the cell, lock or SRCU domain, numbered in this order; -1 for barriers
/// @param value what a write writes
/// @param tags the classes that the kernel's bell file puts it in
record Event(int task, Type type, int location, int value, Set<Tag> tags) {

  enum Type {
    READ,
    WRITE,
    FENCE
  }

  /// Classes of events, by the names that the cat file uses.
  enum Tag {
    ACQUIRE,
    RELEASE,
    MB,
    RMB,
    WMB,
    LKR,
    LKW,
    UL,
    SRCU_LOCK,
    SRCU_UNLOCK,
    SYNC_SRCU
  }

  boolean is(Tag tag) {
    return tags.contains(tag);
  }
}
