// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import kvmlab.kernel.Ifdef;
import org.jspecify.annotations.Nullable;

/// What a VM is made of, and how its kernel was built.
///
/// @param addressSpaces how many address spaces it has (`KVM_ADDRESS_SPACE_NUM`): 1, or 2 with a
///   system management mode
/// @param guestPages how many pages of guest-physical memory can have a translation, from `g0` on
/// @param mmuNotifier whether the kernel has notifiers (`CONFIG_MMU_NOTIFIER`)
/// @param archWantsMmuNotifier whether the architecture wants them (`KVM_ARCH_WANT_MMU_NOTIFIER`)
/// @param hugePages whether the secondary page table may have entries of 2 MiB
///   (`max_huge_page_level`)
/// @param failing the step of its creation that fails, or null
/// @param error the negative error number that it fails with; 0 where none fails
public record KvmConfig(
    int addressSpaces,
    int guestPages,
    boolean mmuNotifier,
    boolean archWantsMmuNotifier,
    boolean hugePages,
    @Nullable VmStep failing,
    int error) {
  /// One address space of four pages, on an architecture that uses notifiers.
  public static final KvmConfig SMALL = new KvmConfig(1, 4, true, true, false, null, 0);

  /// Returns this with so many address spaces.
  public KvmConfig withAddressSpaces(int number) {
    return new KvmConfig(
        number, guestPages, mmuNotifier, archWantsMmuNotifier, hugePages, failing, error);
  }

  /// Returns this with so many pages of guest-physical memory.
  public KvmConfig withGuestPages(int number) {
    return new KvmConfig(
        addressSpaces, number, mmuNotifier, archWantsMmuNotifier, hugePages, failing, error);
  }

  /// Returns this, built with these options.
  public KvmConfig withNotifiers(boolean mmuNotifier, boolean archWantsMmuNotifier) {
    return new KvmConfig(
        addressSpaces, guestPages, mmuNotifier, archWantsMmuNotifier, hugePages, failing, error);
  }

  /// Returns this, where `step` of the creation fails with a negative error number. For tests of
  /// error paths, as the kernel's fault injection.
  public KvmConfig withFailure(VmStep step, int error) {
    return new KvmConfig(
        addressSpaces, guestPages, mmuNotifier, archWantsMmuNotifier, hugePages, step, error);
  }

  /// Returns this with entries of 2 MiB where the host maps huge pages.
  public KvmConfig withHugePages() {
    return new KvmConfig(
        addressSpaces, guestPages, mmuNotifier, archWantsMmuNotifier, true, failing, error);
  }

  /// Returns whether the VM hears of changes of the host's address space.
  public boolean notifiers() {
    return mmuNotifier && archWantsMmuNotifier;
  }

  /// Returns the `#if` around what only a VM with notifiers has.
  public Ifdef ifNotifiers() {
    return new Ifdef(
        "defined(CONFIG_MMU_NOTIFIER) && defined(KVM_ARCH_WANT_MMU_NOTIFIER)", notifiers());
  }
}
