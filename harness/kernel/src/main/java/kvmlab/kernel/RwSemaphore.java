// SPDX-License-Identifier: MIT
package kvmlab.kernel;

/// A reader-writer lock that is waited for by sleeping, fair to writers.
///
/// @kernel include/linux/rwsem.h struct rw_semaphore
public final class RwSemaphore extends FairRwLock {
  private static final Events EVENTS =
      new Events(
          "init_rwsem",
          "down_read",
          "down_write",
          "down_read_trylock",
          "down_write_trylock",
          "up_read",
          "up_write",
          "downgrade_write");

  /// Declares a lock; {@link #init} comes next.
  public RwSemaphore(String name) {
    super(name, EVENTS);
  }

  /// Declares and initialises a lock.
  public static RwSemaphore define(String name) {
    RwSemaphore lock = new RwSemaphore(name);
    lock.init();
    return lock;
  }

  /// Takes the lock for reading; waits while a writer holds it or waits for it.
  public void downRead() {
    takeForReading();
  }

  /// Takes the lock for reading if no writer holds it or waits for it; returns whether it did.
  public boolean downReadTrylock() {
    return tryForReading();
  }

  /// Releases the lock held for reading.
  public void upRead() {
    releaseFromReading();
  }

  /// Takes the lock for writing; waits while anybody holds it.
  public void downWrite() {
    takeForWriting();
  }

  /// Takes the lock for writing if it is free; returns whether it did.
  public boolean downWriteTrylock() {
    return tryForWriting();
  }

  /// Releases the lock held for writing.
  public void upWrite() {
    releaseFromWriting();
  }

  /// Turns the write lock that the caller holds into a read lock, without a gap.
  public void downgradeWrite() {
    downgrade();
  }

  @Override
  boolean sleeping() {
    return true;
  }
}
