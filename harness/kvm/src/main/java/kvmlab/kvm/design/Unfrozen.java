// SPDX-License-Identifier: MIT
package kvmlab.kvm.design;

import kvmlab.kvm.InvalidateRange;
import kvmlab.kvm.Kvm;
import kvmlab.mm.MmuNotifierRange;

/// `mmu_lock` if a memslot is hit, and nothing that keeps the memslots between start and end: each
/// of the two asks for itself, and may get another answer.
public final class Unfrozen implements InvalidateRange {
  private final Kvm kvm;

  /// Makes the piece for `kvm`.
  public Unfrozen(Kvm kvm) {
    this.kvm = kvm;
  }

  // tag::design[]
  @Override
  public int invalidateRangeStart(MmuNotifierRange range) {
    Section.start(kvm, range, false);
    return 0;
  }

  @Override
  public void invalidateRangeEnd(MmuNotifierRange range) {
    Section.end(kvm, range, false);
  }
  // end::design[]
}
