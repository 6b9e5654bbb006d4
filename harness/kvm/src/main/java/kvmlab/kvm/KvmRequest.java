// SPDX-License-Identifier: MIT
package kvmlab.kvm;

/// What a vCPU is asked to do before it enters the guest again.
///
/// @kernel include/linux/kvm_host.h KVM_REQ_TLB_FLUSH and its neighbours;
///   arch/x86/include/asm/kvm_host.h
public enum KvmRequest {
  /// Forget every translation.
  TLB_FLUSH,
  /// Load the root of the secondary page table that is valid now, and forget every translation.
  MMU_RELOAD,
  /// Look up anew which frame the APIC-access page is in.
  APIC_PAGE_RELOAD
}
