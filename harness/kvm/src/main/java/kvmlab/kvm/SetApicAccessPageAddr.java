// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import kvmlab.mm.Hva;

/// Keeps the number of the frame that the hardware uses for the APIC-access page, a translation
/// outside the secondary page table. A VM has none unless it is asked to.
///
/// @kernel arch/x86/kvm/x86.c kvm_vcpu_reload_apic_access_page()
public non-sealed interface SetApicAccessPageAddr extends ProtocolPiece {

  /// Looks up the frame anew and [tells the hardware][Vcpu#writeApicAccessAddr]. Called by the
  /// vCPU's task on its way to the guest, on [KvmRequest#APIC_PAGE_RELOAD]; may sleep.
  void setApicAccessPageAddr(Vcpu vcpu);

  /// The host has changed its entries from `start` to `end`. Called between start and end under the
  /// page-table lock, inside a read section of `kvm.srcu`: must not sleep.
  ///
  /// @kernel arch/x86/kvm/x86.c kvm_arch_mmu_notifier_invalidate_range()
  default void invalidateRange(Hva start, Hva end) {}

  /// The host is about to change its entries of `range`. Called in start, under `mmu_lock`.
  default void unmapGfnRange(KvmGfnRange range) {}
}
