// SPDX-License-Identifier: MIT
package kvmlab.kvm;

/// How a guest access ended.
///
/// @kernel include/uapi/linux/kvm.h KVM_EXIT_MMIO and its neighbours
public enum KvmExit {
  /// The guest has touched memory.
  DONE,
  /// No memory is there: user space emulates a device (`KVM_EXIT_MMIO`).
  MMIO,
  /// The host has no frame for the address: `KVM_RUN` fails with `-EFAULT`.
  EFAULT,
  /// The calling task belongs to another process: `KVM_RUN` fails with `-EIO`.
  EIO,
  /// The fault had to start over too often, and a signal came (`KVM_EXIT_INTR`).
  INTR
}
