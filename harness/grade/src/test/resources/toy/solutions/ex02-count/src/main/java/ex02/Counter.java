// SPDX-License-Identifier: MIT
package ex02;

import kvmlab.kernel.LongCell;
import kvmlab.kernel.Spinlock;

/// Counts for any number of tasks.
final class Counter {
  private final Spinlock lock = Spinlock.define("counter->lock");
  private final LongCell count = new LongCell("counter->count", 0).guardedBy(lock);

  void increment() {
    // begin TODO 1: Count, so that no increment is lost.
    lock.lock();
    count.set(count.get() + 1);
    lock.unlock();
    // stub: count.set(count.get() + 1);
    // end TODO 1
  }
}
