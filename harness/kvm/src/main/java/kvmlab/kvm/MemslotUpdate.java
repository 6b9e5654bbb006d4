// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import kvmlab.kernel.Ktrace;

/// The update of a memslot: which arrays are published, in which order, and what happens in
/// between.
///
/// Simplified: the two-phase update of a slot in use is left out; the slot is new, or no page of it
/// has been touched yet.
///
/// @kernel virt/kvm/kvm_main.c kvm_set_memory_region(), __kvm_set_memory_region(),
///   kvm_set_memslot()
final class MemslotUpdate {
  private final Kvm kvm;
  private final InstallNewMemslots piece;

  MemslotUpdate(Kvm kvm, InstallNewMemslots piece) {
    this.kvm = kvm;
    this.piece = piece;
  }

  void setMemoryRegion(KvmMemorySlot slot) {
    try (var _ = Ktrace.call(() -> "KVM_SET_USER_MEMORY_REGION(slot " + slot.id() + ")")) {
      kvm.slotsLock.lock();
      piece.installNewMemslots(slot.asId(), kvm.activeMemslots(slot.asId()).with(slot));
      kvm.slotsLock.unlock();
    }
  }
}
