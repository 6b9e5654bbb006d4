// SPDX-License-Identifier: MIT
package kvmlab.mm;

/// Who is told what happens in an address space, at the moment when it has happened. For
/// invariants: an observer looks and reports, and never takes part.
///
/// A moment is not an event: it belongs to the last event of the running task.
public interface MmObserver {
  /// The observer that looks at nothing.
  MmObserver NONE = new MmObserver() {};

  /// Every subscriber has returned from its start: from now on frames of `range` may be freed.
  default void rangeStarted(MmuNotifierRange range) {}

  /// The host is done with `range`; no subscriber's end has run yet.
  default void rangeEnding(MmuNotifierRange range) {}

  /// Every subscriber's end of `range` has returned.
  default void rangeEnded(MmuNotifierRange range) {}

  /// The running task looked up the frame behind `hva` and got `pfn`, or an error.
  default void lookedUp(Hva hva, Pfn pfn) {}

  /// The host's page-table entry of `hva` has changed.
  default void pteChanged(Hva hva) {}

  /// `frame` has been given back to the allocator.
  default void frameFreed(PageFrame frame) {}
}
