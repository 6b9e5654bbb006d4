// SPDX-License-Identifier: MIT
package kvmlab.kvm;

/// How a page fault was handled.
///
/// @kernel arch/x86/kvm/mmu/mmu_internal.h RET_PF_RETRY and its neighbours
public enum RetPf {
  /// Nothing was installed; the guest runs on and faults again.
  RETRY,
  /// No memory is behind the address: the access is a device's, and user space emulates it.
  EMULATE,
  /// A translation was installed.
  FIXED,
  /// Another vCPU had installed the translation already.
  SPURIOUS,
  /// The host has no frame for the address: `-EFAULT`, and `KVM_RUN` fails with it.
  EFAULT
}
