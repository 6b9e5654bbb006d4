// SPDX-License-Identifier: MIT
package kvmlab.kvm;

/// Takes `mmu_lock` for a range of host addresses, if that is needed, and handles the guest pages
/// that the range covers.
///
/// @kernel virt/kvm/kvm_main.c __kvm_handle_hva_range()
@FunctionalInterface
public non-sealed interface HandleKvmHvaRange extends ProtocolPiece {

  /// Handles `range`: the lock, `onLock`, the handler for each memslot of each address space that
  /// has a byte of it, the flush, the unlock. Called without `mmu_lock`, by any task.
  ///
  /// @return whether any call of the handler returned true
  boolean handleHvaRange(KvmHvaRange range);
}
