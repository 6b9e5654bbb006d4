// SPDX-License-Identifier: MIT
package kvmlab.kvm;

/// What a VM is made of, and how its kernel was built.
///
/// @param addressSpaces how many address spaces it has (`KVM_ADDRESS_SPACE_NUM`): 1, or 2 with a
///   system management mode
/// @param guestPages how many pages of guest-physical memory can have a translation, from `g0` on
/// @param mmuNotifier whether the kernel has notifiers (`CONFIG_MMU_NOTIFIER`)
/// @param archWantsMmuNotifier whether the architecture wants them (`KVM_ARCH_WANT_MMU_NOTIFIER`)
public record KvmConfig(
    int addressSpaces, int guestPages, boolean mmuNotifier, boolean archWantsMmuNotifier) {
  /// One address space of four pages, on an architecture that uses notifiers.
  public static final KvmConfig SMALL = new KvmConfig(1, 4, true, true);

  /// Returns this with so many address spaces.
  public KvmConfig withAddressSpaces(int number) {
    return new KvmConfig(number, guestPages, mmuNotifier, archWantsMmuNotifier);
  }

  /// Returns this with so many pages of guest-physical memory.
  public KvmConfig withGuestPages(int number) {
    return new KvmConfig(addressSpaces, number, mmuNotifier, archWantsMmuNotifier);
  }

  /// Returns this, built with these options.
  public KvmConfig withNotifiers(boolean mmuNotifier, boolean archWantsMmuNotifier) {
    return new KvmConfig(addressSpaces, guestPages, mmuNotifier, archWantsMmuNotifier);
  }

  /// Returns whether the VM hears of changes of the host's address space.
  public boolean notifiers() {
    return mmuNotifier && archWantsMmuNotifier;
  }
}
