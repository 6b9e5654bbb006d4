// SPDX-License-Identifier: MIT
package kvmlab.kvm;

/// Remembers which guest pages have no memslot, so that an access to a device's page costs no
/// fault. A VM without this piece remembers nothing.
///
/// @kernel arch/x86/kvm/mmu/mmu.c handle_mmio_page_fault(), mark_mmio_spte()
public non-sealed interface HandleMmioPageFault extends ProtocolPiece {

  /// Returns whether an access to `gfn` is known to be a device's. Called by the vCPU's task inside
  /// a read section of `kvm.srcu`, before a fault is handled.
  boolean handleMmioPageFault(Vcpu vcpu, Gfn gfn);

  /// Notes that a fault on `gfn` has found no memslot. Called by the vCPU's task inside the read
  /// section in which it did so.
  void markMmioSpte(Vcpu vcpu, Gfn gfn);

  /// The next generation of memslots will be `generation`; nobody can see it yet. Called with
  /// `slots_lock` held.
  ///
  /// @kernel arch/x86/kvm/x86.c kvm_arch_memslots_updated()
  void memslotsUpdated(long generation);
}
