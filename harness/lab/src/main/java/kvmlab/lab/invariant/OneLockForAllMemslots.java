// SPDX-License-Identifier: MIT
package kvmlab.lab.invariant;

import com.google.auto.service.AutoService;
import kvmlab.lab.Invariant;

/// I28. Start takes `mmu_lock` once at most, and so does end, however many memslots are hit; and
/// start flushes the TLBs once at most each time it holds the lock.
///
/// Says what is slow. A lock that is given back in the middle and taken again is right.
@AutoService(Invariant.class)
public final class OneLockForAllMemslots extends Sections {

  public OneLockForAllMemslots() {
    super("I28", "start and end take mmu_lock once each, for all memslots together");
  }

  @Override
  protected boolean isPerformance() {
    return true;
  }

  @Override
  void ended(Section section) {
    if (section.locksInStart > 1) {
      broken("start of " + section.range + " took mmu_lock " + section.locksInStart + " times");
    }
    if (section.locksInEnd > 1) {
      broken("end of " + section.range + " took mmu_lock " + section.locksInEnd + " times");
    }
    if (section.flushesInStart > Math.max(1, section.locksInStart)) {
      broken("start of " + section.range + " flushed " + section.flushesInStart + " times");
    }
  }
}
