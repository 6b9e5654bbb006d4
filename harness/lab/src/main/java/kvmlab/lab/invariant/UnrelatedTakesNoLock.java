// SPDX-License-Identifier: MIT
package kvmlab.lab.invariant;

import com.google.auto.service.AutoService;
import kvmlab.lab.Invariant;

/// I27. An invalidation of memory that is not the guest's takes `mmu_lock` neither in start nor in
/// end, and flushes nothing; so it changes neither count nor number nor range.
///
/// Says what is slow: to take the lock for every range is right, and what Linux did until 5.15.
@AutoService(Invariant.class)
public final class UnrelatedTakesNoLock extends Sections {

  public UnrelatedTakesNoLock() {
    super("I27", "an invalidation of other memory than the guest's does not take mmu_lock");
  }

  @Override
  protected boolean isPerformance() {
    return true;
  }

  @Override
  void ended(Section section) {
    if (!section.neverOfGuestMemory()) {
      return;
    }
    int locks = section.locksInStart + section.locksInEnd;
    if (locks > 0) {
      broken(section.range + " is in no memslot, and mmu_lock was taken for it " + times(locks));
    }
    if (section.flushesInStart > 0) {
      broken(section.range + " is in no memslot, and the TLBs were flushed for it");
    }
  }

  private static String times(int number) {
    return number == 1 ? "once" : number + " times";
  }
}
