// SPDX-License-Identifier: MIT
package kvmlab.mm;

import java.util.List;

/// Frees the anonymous memory of a program that is being killed, without waiting for anybody.
///
/// @kernel mm/oom_kill.c oom_reaper()
public final class OomReaper {
  private OomReaper() {}

  /// Chooses `mm` to be killed.
  ///
  /// @kernel mm/oom_kill.c mark_oom_victim()
  public static void markOomVictim(MmStruct mm) {
    mm.setFlag(MmStruct.MMF_OOM_VICTIM);
  }

  /// Tries to reap `mm`; the caller may try again. Takes `mmap_lock` for reading if it is free.
  ///
  /// @return whether there is nothing left to do
  /// @kernel mm/oom_kill.c oom_reap_task_mm()
  public static boolean oomReapTaskMm(MmStruct mm) {
    if (!mm.mmapLock().downReadTrylock()) {
      return false;
    }
    // Whoever has torn the address space down says so before anybody else gets mmap_lock.
    boolean done = mm.hasFlag(MmStruct.MMF_OOM_SKIP) || reap(mm, mm.areas().all());
    mm.mmapLock().upRead();
    return done;
  }

  // tag::reap[]
  /// @kernel mm/oom_kill.c __oom_reap_task_mm()
  static boolean reap(MmStruct mm, List<VmAreaStruct> areas) {
    mm.setUnstable();
    boolean done = true;
    for (VmAreaStruct vma : areas) {
      if (vma.file() == null) {
        MmuNotifierRange range = new MmuNotifierRange(vma.start(), vma.end(), false);
        if (mm.notifierSubscriptions().invalidateRangeStart(range) != 0) {
          // Somebody would have had to sleep: the section was never opened.
          done = false;
          continue;
        }
        Zap.unmapPageRange(mm, vma.start(), vma.end());
        mm.notifierSubscriptions().invalidateRangeEnd(range);
      }
    }
    return done;
  }

  // end::reap[]
}
