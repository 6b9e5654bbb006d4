// SPDX-License-Identifier: MIT
package kvmlab.kvm;

/// What a VM is made of.
///
/// @param addressSpaces how many address spaces it has (`KVM_ADDRESS_SPACE_NUM`): 1, or 2 with a
///   system management mode
/// @param guestPages how many pages of guest-physical memory can have a translation, from `g0` on
public record KvmConfig(int addressSpaces, int guestPages) {
  /// One address space of four pages.
  public static final KvmConfig SMALL = new KvmConfig(1, 4);
}
