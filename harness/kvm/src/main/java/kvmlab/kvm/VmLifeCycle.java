// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import static kvmlab.kernel.Errno.EIO;

/// Brings a VM up and takes it down: which step comes when, and what is undone when one fails.
///
/// The steps are methods of [Kvm], named after the functions that the kernel calls: those of its
/// locks and SRCU domains, `allocMemslots`, `archInitVm`, `mmuNotifierRegister`, `archPostInitVm`,
/// `vmListAdd`, and what undoes each. A step that can fail returns 0 or a negative error number. A
/// step that is taken twice or too early is reported, and so is one that is undone without having
/// been taken, or not undone in the end.
///
/// @kernel virt/kvm/kvm_main.c kvm_create_vm(), kvm_destroy_vm()
public non-sealed interface VmLifeCycle extends ProtocolPiece {

  /// Makes the VM ready for use.
  ///
  /// @return 0, or a negative error number: then every step that was taken has been undone
  int createVm();

  /// Takes the VM down. Called once, by whoever drops the last reference to a VM that was created.
  void destroyVm();

  /// Tells user space what the VM can do.
  ///
  /// @return 1 if it can, 0 if not
  /// @kernel arch/x86/kvm/x86.c kvm_vm_ioctl_check_extension()
  default int checkExtension(Kvm kvm, KvmCap cap) {
    return switch (cap) {
      // Only if the host calls in: nobody else tells the guest that a page has gone.
      case SYNC_MMU -> kvm.config().notifiers() ? 1 : 0;
    };
  }

  /// Called first in every system call on the file of the VM, or of a vCPU.
  ///
  /// @return 0, or `-EIO`: the calling task belongs to another process, whose page table the VM
  ///   knows nothing of
  /// @kernel virt/kvm/kvm_main.c kvm_vm_ioctl(), kvm_vcpu_ioctl()
  default int ioctl(Kvm kvm) {
    return kvm.mm.isCurrent() ? 0 : -EIO;
  }
}
