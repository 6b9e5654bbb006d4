// SPDX-License-Identifier: MIT
package kvmlab.kvm;

/// Asks something of every vCPU, and gets those that are in the guest out of it.
///
/// @kernel virt/kvm/kvm_main.c kvm_make_all_cpus_request()
public non-sealed interface MakeAllCpusRequest extends ProtocolPiece {

  /// Returns when every vCPU has left the guest, or will do as `request` says before it enters it.
  /// What the caller wrote before, above all to the secondary page table, is visible to the guest
  /// then. Called by any task, often under `mmu_lock`: never sleeps.
  void makeAllCpusRequest(KvmRequest request);

  /// Asks something of `vcpu`, whose own task calls this outside the guest.
  ///
  /// @kernel include/linux/kvm_host.h kvm_make_request()
  void makeRequest(KvmRequest request, Vcpu vcpu);
}
