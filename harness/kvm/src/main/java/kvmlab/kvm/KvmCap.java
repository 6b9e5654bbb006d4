// SPDX-License-Identifier: MIT
package kvmlab.kvm;

/// What user space can ask for with `KVM_CHECK_EXTENSION`.
///
/// @kernel include/uapi/linux/kvm.h KVM_CAP_SYNC_MMU
public enum KvmCap {
  /// Changes of the host's address space reach the guest: user space may unmap guest memory.
  SYNC_MMU
}
