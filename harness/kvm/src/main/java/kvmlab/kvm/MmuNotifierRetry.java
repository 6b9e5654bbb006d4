// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import kvmlab.mm.Hva;

/// Tells whether a host look-up can still be trusted.
///
/// @kernel include/linux/kvm_host.h mmu_notifier_retry_hva()
@FunctionalInterface
public non-sealed interface MmuNotifierRetry extends ProtocolPiece {

  /// Returns whether the fault must start over: an invalidation of `hva` is in progress, or one has
  /// ended since `mmu_notifier_seq` had the value `mmuSeq`. Called with `mmu_lock` held.
  ///
  /// @param mmuSeq the value of `mmu_notifier_seq` before the look-up
  /// @param hva the address that was looked up
  boolean mmuNotifierRetryHva(long mmuSeq, Hva hva);
}
