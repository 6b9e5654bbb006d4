// SPDX-License-Identifier: MIT
package kvmlab.mm;

/// What a subscriber to the changes of an address space implements.
///
/// Every start that succeeds is followed by one end; between them the host edits page-table entries
/// and frees frames. Sections of different tasks overlap, and sections of one task nest.
///
/// @kernel include/linux/mmu_notifier.h struct mmu_notifier_ops
public interface MmuNotifierOps {

  /// Drops every translation of `range`. When it returns 0, none exists any more and none is made
  /// until the end: the frames may be freed at any time from then on.
  ///
  /// @return 0, or `-EAGAIN` if `range` is not blockable and the callback would have to sleep
  int invalidateRangeStart(MmuNotifierRange range);

  /// The host's page-table entries have been changed and the frames freed.
  void invalidateRangeEnd(MmuNotifierRange range);
}
