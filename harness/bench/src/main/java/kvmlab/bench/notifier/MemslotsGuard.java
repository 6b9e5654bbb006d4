// SPDX-License-Identifier: MIT
package kvmlab.bench.notifier;

/// What keeps the memslots as they are between the start and the end of an invalidation.
interface MemslotsGuard {

  /// Called first by `invalidate_range_start`.
  void enterInvalidation();

  /// Called last by `invalidate_range_end`.
  void leaveInvalidation();

  /// Called before the new memslots are published; waits until no invalidation is under way.
  void beginPublication();

  /// Called after the new memslots have been published.
  void endPublication();
}
