// SPDX-License-Identifier: MIT
package kvmlab.lab.invariant;

import com.google.auto.service.AutoService;
import kvmlab.kvm.Kvm;
import kvmlab.lab.Invariant;

/// I13. Between start and end of an invalidation of guest memory, its range is part of
/// `mmu_notifier_range_start` to `mmu_notifier_range_end`. A fault outside of that does not ask
/// further.
///
/// A range that is larger than need be is slow, not wrong: see I29. While one invalidation is
/// counted, others only widen the range, one bound after the other, so a look at any moment finds
/// what is claimed.
@AutoService(Invariant.class)
public final class RangeIsTheHull extends Sections {

  public RangeIsTheHull() {
    super("I13", "the notifier range covers every invalidation in progress");
  }

  @Override
  void started(Section section) {
    check(section.kvm);
  }

  @Override
  void ending(Section section) {
    // Its own end has not counted it out yet, so it is still to be covered.
    covers(section);
    check(section.kvm);
  }

  private void check(Kvm kvm) {
    for (Section section : open()) {
      if (section.kvm == kvm && section.isBetween()) {
        covers(section);
      }
    }
  }

  private void covers(Section section) {
    long start = section.kvm.mmuNotifierRangeStart.latest();
    long end = section.kvm.mmuNotifierRangeEnd.latest();
    if (section.alwaysOfGuestMemory()
        && (section.range.start().address() < start || end < section.range.end().address())) {
      broken(
          section.range
              + " is being invalidated, and the notifier range is 0x"
              + Long.toHexString(start)
              + "..0x"
              + Long.toHexString(end));
    }
  }
}
