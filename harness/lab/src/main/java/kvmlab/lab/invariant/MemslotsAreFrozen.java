// SPDX-License-Identifier: MIT
package kvmlab.lab.invariant;

import com.google.auto.service.AutoService;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmMemslots;
import kvmlab.kvm.design.CountsInvalidations;
import kvmlab.kvm.design.FreezesMemslots;
import kvmlab.lab.Invariant;

/// I16. No memslots are published between the return of start and the call of end, nor while
/// `mn_active_invalidate_count` is not 0. For designs that promise it.
///
/// What the design has locked from its test to the publication orders both against start and end,
/// so in a right design no moment comes on the wrong side. In a wrong one a start may have returned
/// without being told so; then it is I14 that finds what comes of it.
@AutoService(Invariant.class)
public final class MemslotsAreFrozen extends Sections {

  public MemslotsAreFrozen() {
    super("I16", "no memslots are published between the start and the end of an invalidation");
  }

  @Override
  public void memslotsPublished(Kvm kvm, int asId, KvmMemslots slots) {
    super.memslotsPublished(kvm, asId, slots);
    FreezesMemslots design = kvm.piece(FreezesMemslots.class);
    if (design == null) {
      return;
    }
    for (Section section : open()) {
      if (section.kvm == kvm && section.isBetween() && design.freezes(section.range)) {
        broken(slots + " is published between start and end of " + section.range);
      }
    }
    CountsInvalidations count = kvm.piece(CountsInvalidations.class);
    if (count != null && count.latestActiveInvalidations() != 0) {
      broken(
          slots
              + " is published, and mn_active_invalidate_count is "
              + count.latestActiveInvalidations());
    }
  }
}
