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
}
