// SPDX-License-Identifier: MIT
package kvmlab.kernel;

/// Allocation of memory.
///
/// Simplified: it never fails, and nothing is reclaimed. What a reclaiming allocation may lead to
/// is told to lockdep, so none is hidden that is made under a lock or inside a callback.
///
/// @kernel include/linux/slab.h
public final class Slab {
  private static final String FS_RECLAIM = "fs_reclaim";

  private Slab() {}

  /// `kmalloc(size, GFP_KERNEL)`: may sleep, and may reclaim, which takes whatever reclaim takes.
  ///
  /// @param what what is allocated, as a report says it
  /// @kernel include/linux/sched/mm.h might_alloc()
  public static void kmalloc(String what) {
    LockdepMap reclaim = fsReclaim();
    reclaim.acquire();
    reclaim.release();
    Sched.mightSleep("kmalloc(" + what + ")");
  }

  /// Returns the map that is held while memory is reclaimed: every one of an execution is of one
  /// class. For who is called by reclaim, to say so before it happens.
  ///
  /// @kernel mm/page_alloc.c fs_reclaim_acquire()
  public static LockdepMap fsReclaim() {
    return new LockdepMap(FS_RECLAIM);
  }
}
