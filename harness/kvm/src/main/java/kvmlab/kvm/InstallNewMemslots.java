// SPDX-License-Identifier: MIT
package kvmlab.kvm;

/// Publishes the memslots of an address space.
///
/// @kernel virt/kvm/kvm_main.c install_new_memslots()
@FunctionalInterface
public non-sealed interface InstallNewMemslots extends ProtocolPiece {

  /// Makes `slots` the memslots of address space `asId`, and returns when nobody uses the ones
  /// before any more. Called with `slots_lock` held. May sleep.
  void installNewMemslots(int asId, KvmMemslots slots);
}
