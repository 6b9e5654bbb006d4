// SPDX-License-Identifier: MIT
package kvmlab.kernel;

/// A reader-writer lock that is waited for by spinning: its holders must not sleep.
///
/// Fair to writers in task context, as the queued rwlock of Linux is: a reader queues behind a
/// waiting writer, so a task that takes the lock for reading twice can wait for itself. In
/// interrupt context a reader waits only for the writer that holds the lock, so an interrupt may
/// take it for reading on top of a reader that it has interrupted.
///
/// @kernel include/linux/rwlock.h rwlock_t; kernel/locking/qrwlock.c queued_read_lock_slowpath()
public final class RwLock extends FairRwLock {
  private static final Events EVENTS =
      new Events(
              "rwlock_init",
              "read_lock",
              "write_lock",
              "read_trylock",
              "write_trylock",
              "read_unlock",
              "write_unlock")
          .with(Step.BARGE, "read_lock");

  /// Declares a lock; {@link #init} comes next.
  public RwLock(String name) {
    super(name, false, EVENTS);
  }

  /// Declares and initialises a lock.
  public static RwLock define(String name) {
    RwLock lock = new RwLock(name);
    lock.init();
    return lock;
  }

  /// Takes the lock for reading; waits while a writer holds it, and in task context also while one
  /// waits for it.
  public void readLock() {
    perform(TaskStruct.of(engine.task()).inInterrupt() ? Step.BARGE : Step.READ);
  }

  /// Takes the lock for reading if no writer holds it or waits for it, in any context; returns
  /// whether it did.
  public boolean readTrylock() {
    return tryForReading();
  }

  /// Releases the lock held for reading.
  public void readUnlock() {
    releaseFromReading();
  }

  /// Takes the lock for writing; waits while anybody holds it.
  public void writeLock() {
    takeForWriting(0);
  }

  /// Takes the lock for writing while another one of its class is held: see
  /// [ExclusiveLock#lockNested].
  public void writeLockNested(int subclass) {
    takeForWriting(subclass);
  }

  /// Takes the lock for writing if it is free; returns whether it did.
  public boolean writeTrylock() {
    return tryForWriting();
  }

  /// Releases the lock held for writing.
  public void writeUnlock() {
    releaseFromWriting();
  }
}
