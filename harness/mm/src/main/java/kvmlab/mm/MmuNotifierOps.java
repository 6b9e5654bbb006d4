// SPDX-License-Identifier: MIT
package kvmlab.mm;

/// What a subscriber to the changes of an address space implements.
///
/// Every start that succeeds is followed by one end, unless the subscriber unregisters in between;
/// between them the host edits page-table entries and frees frames. Sections of different tasks
/// overlap, and sections of one task nest.
///
/// No callback may allocate memory in a way that reclaims: reclaim calls the callbacks.
///
/// @kernel include/linux/mmu_notifier.h struct mmu_notifier_ops
public interface MmuNotifierOps {

  /// Drops every translation of `range`. When it returns 0, none exists any more and none is made
  /// until the end: the frames may be freed at any time from then on.
  ///
  /// Called with `mmap_lock`, for reading or writing, or with the locks of the reverse mapping
  /// (`i_mmap_rwsem`, `anon_vma`) and not `mmap_lock`, or with nothing at all when the address
  /// space goes away. Never with the page-table lock: it may sleep if `range` is blockable.
  ///
  /// @return 0, or `-EAGAIN` if `range` is not blockable and the callback would have to sleep; a
  ///   subscriber that ever returns it has no end, see {@link #hasInvalidateRangeEnd}
  int invalidateRangeStart(MmuNotifierRange range);

  /// The host's page-table entries have been changed and the frames freed. Called with the locks of
  /// the start, not necessarily in the order of the starts.
  void invalidateRangeEnd(MmuNotifierRange range);

  /// `ops->invalidate_range_end != NULL`. When a start of a non-blockable range fails, every
  /// subscriber is told the end, and none can know whose start it was: one that has an end must not
  /// fail.
  default boolean hasInvalidateRangeEnd() {
    return true;
  }

  /// Clears the accessed bit of every translation of pages from `start` to `end`, and flushes the
  /// TLBs where it was set. Called under the page-table lock and locks of the reverse mapping: it
  /// must not sleep.
  ///
  /// @return whether a translation was used since the bit was last cleared
  default boolean clearFlushYoung(Hva start, Hva end) {
    return false;
  }

  /// As {@link #clearFlushYoung}, without a flush: what is still in a TLB may be used unseen.
  default boolean clearYoung(Hva start, Hva end) {
    return false;
  }

  /// Returns whether a translation of `address` was used since the bit was last cleared, and leaves
  /// it as it is. Called under the page-table lock: it must not sleep.
  default boolean testYoung(Hva address) {
    return false;
  }

  /// The host is about to replace its entry of `address` by `pte`. Called under the page-table
  /// lock, between a start and an end of the page: it must not sleep.
  default void changePte(Hva address, Pte pte) {}

  /// The host has changed its entries from `start` to `end` and flushed its own TLBs. Called under
  /// the page-table lock, between a start and an end: it must not sleep. For subscribers whose
  /// hardware walks the host's page table; others leave it out.
  default void invalidateRange(Hva start, Hva end) {}

  /// `ops->invalidate_range != NULL`.
  default boolean hasInvalidateRange() {
    return false;
  }

  /// The address space is about to go away, or the subscriber is unregistering: no translation may
  /// be left, and none may be made any more. Called without locks of the address space, by either
  /// or by both; it may sleep.
  default void release() {}
}
