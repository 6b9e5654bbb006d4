// SPDX-License-Identifier: MIT
package kvmlab.bench.notifier;

import kvmlab.kernel.RwSemaphore;

/// A semaphore that an invalidation holds for reading from its start to its end.
///
/// The semaphore is fair: who invalidates inside an invalidation of another task, which waits for
/// that, stands behind a writer in the queue for ever.
final class SlotsRwsem implements MemslotsGuard {
  private final RwSemaphore slotsLock = RwSemaphore.define("mmu_notifier_slots_lock");

  @Override
  public void enterInvalidation() {
    slotsLock.downRead();
  }

  @Override
  public void leaveInvalidation() {
    slotsLock.upRead();
  }

  @Override
  public void beginPublication() {
    slotsLock.downWrite();
  }

  @Override
  public void endPublication() {
    slotsLock.upWrite();
  }
}
