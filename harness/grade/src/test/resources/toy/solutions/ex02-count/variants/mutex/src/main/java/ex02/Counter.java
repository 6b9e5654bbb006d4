// SPDX-License-Identifier: MIT
package ex02;

import kvmlab.kernel.LongCell;
import kvmlab.kernel.Mutex;

final class Counter {
  private final Mutex lock = Mutex.define("counter->lock");
  private final LongCell count = new LongCell("counter->count", 0).guardedBy(lock);

  void increment() {
    lock.lock();
    try {
      count.set(count.get() + 1);
    } finally {
      lock.unlock();
    }
  }
}
