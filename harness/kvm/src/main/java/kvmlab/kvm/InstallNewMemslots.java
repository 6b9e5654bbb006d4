// SPDX-License-Identifier: MIT
package kvmlab.kvm;

/// Publishes the memslots of an address space.
///
/// @kernel virt/kvm/kvm_main.c install_new_memslots()
@FunctionalInterface
public non-sealed interface InstallNewMemslots extends ProtocolPiece {

  /// Makes `slots` the memslots of address space `asId`, and returns when nobody uses the ones
  /// before any more. Called with `slots_lock` held, and with `slots_arch_lock` if
  /// [#underSlotsArchLock] says so; returns without the latter. May sleep.
  void installNewMemslots(int asId, KvmMemslots slots);

  /// Returns whether an update holds `slots_arch_lock` from before the memslots are copied until
  /// the copy is published. Linux does since 5.14; the piece then releases the lock, before it
  /// waits for readers.
  default boolean underSlotsArchLock() {
    return false;
  }
}
