// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import kvmlab.mm.MmuNotifierOps;
import kvmlab.mm.MmuNotifierRange;

/// What the VM does when the host is about to change a range of its address space, and when it has.
/// Called by whichever task changes it, without `mmu_lock`, never with a vCPU's consent.
///
/// @kernel virt/kvm/kvm_main.c kvm_mmu_notifier_invalidate_range_start(),
///   kvm_mmu_notifier_invalidate_range_end()
public non-sealed interface InvalidateRange extends ProtocolPiece, MmuNotifierOps {

  @Override
  int invalidateRangeStart(MmuNotifierRange range);

  @Override
  void invalidateRangeEnd(MmuNotifierRange range);

  /// Returns whether nothing is to be done when the host changes an entry: no invalidation that is
  /// in progress has found a memslot, the one around this change included. Called under the
  /// page-table lock: it must not sleep.
  ///
  /// @kernel virt/kvm/kvm_main.c kvm_mmu_notifier_change_pte()
  default boolean skipsChangePte() {
    return false;
  }
}
