// SPDX-License-Identifier: MIT
package kvmlab.kvm.design;

/// A design that counts every invalidation of the host's address space, of guest memory or not,
/// from before its start looks at anything until after its end has done everything.
///
/// What is keyed on the host's address space alone, such as a cache of a translation that
/// `mmu_lock` does not guard, can ask here whether a look-up may be trusted: `mmu_notifier_count`
/// rises too late for it.
public interface CountsInvalidations {

  /// `READ_ONCE(kvm->mn_active_invalidate_count)`. Orders nothing.
  long activeInvalidations();

  /// Returns the newest count, whoever asks. For invariants.
  long latestActiveInvalidations();
}
