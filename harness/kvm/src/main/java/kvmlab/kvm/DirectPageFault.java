// SPDX-License-Identifier: MIT
package kvmlab.kvm;

/// Handles a guest access that the secondary page table does not translate.
///
/// @kernel arch/x86/kvm/mmu/mmu.c direct_page_fault()
@FunctionalInterface
public non-sealed interface DirectPageFault extends ProtocolPiece {

  /// Installs a translation of `gfn` for `vcpu`, or says why not. Called by the vCPU's task inside
  /// a read section of `kvm.srcu`, without a lock; returns without one. May sleep.
  ///
  /// @param write whether the guest wants to write
  RetPf directPageFault(Vcpu vcpu, Gfn gfn, boolean write);
}
