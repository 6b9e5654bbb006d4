// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import kvmlab.mm.MmuNotifierRange;

/// Knows a translation that is not in the secondary page table, and is told when it goes.
@FunctionalInterface
public interface TranslationCache {

  /// Forgets what it knows of `range`. When this returns, nobody uses it any more. Called in start,
  /// without `mmu_lock`; sleeps only if the range is blockable.
  void invalidateStart(MmuNotifierRange range);
}
