// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import kvmlab.mm.Hva;

/// Finds the guest pages that a range of host addresses covers.
///
/// @kernel arch/x86/kvm/mmu/mmu.c kvm_handle_hva_range()
@FunctionalInterface
public non-sealed interface HandleHvaRange extends ProtocolPiece {

  /// Calls `handler` for each memslot of each address space that has a byte of `start` to `end`,
  /// with the pages that have one; slots marked invalid are no exception. Called inside a read
  /// section of `kvm.srcu`, with what locks `handler` needs.
  ///
  /// @return whether any call returned true
  boolean handleHvaRange(Hva start, Hva end, HvaHandler handler);
}
