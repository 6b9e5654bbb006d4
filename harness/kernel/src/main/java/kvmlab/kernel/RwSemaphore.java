// SPDX-License-Identifier: MIT
package kvmlab.kernel;

/// A reader-writer lock that is waited for by sleeping, fair to writers.
///
/// Simplified: a reader never passes a waiting writer. Linux lets it, for a while, when the lock is
/// held for reading, until the writer asks for the hand-over. Every deadlock reported here can
/// happen there, and nothing is hidden.
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
              "up_write")
          .with(Step.DOWNGRADE, "downgrade_write")
          .with(Step.READ_NON_OWNER, "down_read_non_owner")
          .with(Step.READ_NON_OWNER_DONE, "up_read_non_owner");

  /// Declares a lock; {@link #init} comes next.
  public RwSemaphore(String name) {
    super(name, true, EVENTS);
  }

  /// Declares and initialises a lock.
  public static RwSemaphore define(String name) {
    RwSemaphore lock = new RwSemaphore(name);
    lock.init();
    return lock;
  }

  /// Takes the lock for reading; waits while a writer holds it or waits for it.
  public void downRead() {
    downReadNested(0);
  }

  /// Takes the lock for reading while another one of its class is held: see
  /// [ExclusiveLock#lockNested].
  public void downReadNested(int subclass) {
    mayWait();
    perform(Step.READ, subclass);
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
    takeForWriting(0);
  }

  /// Takes the lock for writing while another one of its class is held: see
  /// [ExclusiveLock#lockNested].
  public void downWriteNested(int subclass) {
    takeForWriting(subclass);
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
    perform(Step.DOWNGRADE);
  }

  /// Takes the lock for reading, for another task to release by {@link #upReadNonOwner}. No task
  /// counts as holding it.
  public void downReadNonOwner() {
    mayWait();
    perform(Step.READ_NON_OWNER);
  }

  /// Releases the lock that some task took by {@link #downReadNonOwner}.
  public void upReadNonOwner() {
    perform(Step.READ_NON_OWNER_DONE);
  }
}
