// SPDX-License-Identifier: MIT
package kvmlab.kvm;

/// Brings a VM up and takes it down: which step comes when, and what is undone when one fails.
///
/// @kernel virt/kvm/kvm_main.c kvm_create_vm(), kvm_destroy_vm()
public non-sealed interface VmLifeCycle extends ProtocolPiece {

  /// Makes the VM ready for use.
  ///
  /// @return 0, or a negative error number: then every step that was taken has been undone
  int createVm();

  /// Takes the VM down. Called once, by whoever drops the last reference to a VM that was created.
  void destroyVm();
}
