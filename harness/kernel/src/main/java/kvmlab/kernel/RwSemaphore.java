// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import kvmlab.machine.Kind;

/// A reader-writer lock that is waited for by sleeping, fair to writers.
///
/// @kernel include/linux/rwsem.h struct rw_semaphore
public final class RwSemaphore extends FairRwLock {
  private enum Event implements Kind {
    INIT("init_rwsem", Step.INIT),
    READ("down_read", Step.READ),
    WRITE("down_write", Step.WRITE),
    TRY_READ("down_read_trylock", Step.TRY_READ),
    TRY_WRITE("down_write_trylock", Step.TRY_WRITE),
    READ_DONE("up_read", Step.READ_DONE),
    WRITE_DONE("up_write", Step.WRITE_DONE),
    DOWNGRADE("downgrade_write", Step.DOWNGRADE);

    private final String word;
    private final Step step;

    Event(String word, Step step) {
      this.word = word;
      this.step = step;
    }

    @Override
    public String word() {
      return word;
    }
  }

  /// Declares a lock; {@link #init} comes next.
  public RwSemaphore(String name) {
    super(name);
  }

  /// Declares and initialises a lock.
  public static RwSemaphore define(String name) {
    RwSemaphore lock = new RwSemaphore(name);
    lock.init();
    return lock;
  }

  /// Takes the lock for reading; waits while a writer holds it or waits for it.
  public void downRead() {
    mayWait();
    perform(Event.READ, 0);
  }

  /// Takes the lock for reading if no writer holds it or waits for it; returns whether it did.
  public boolean downReadTrylock() {
    return perform(Event.TRY_READ, 0) != 0;
  }

  /// Releases the lock held for reading.
  public void upRead() {
    perform(Event.READ_DONE, 0);
  }

  /// Takes the lock for writing; waits while anybody holds it.
  public void downWrite() {
    mayWait();
    perform(Event.WRITE, 0);
  }

  /// Takes the lock for writing if it is free; returns whether it did.
  public boolean downWriteTrylock() {
    return perform(Event.TRY_WRITE, 0) != 0;
  }

  /// Releases the lock held for writing.
  public void upWrite() {
    perform(Event.WRITE_DONE, 0);
  }

  /// Turns the write lock that the caller holds into a read lock, without a gap.
  public void downgradeWrite() {
    perform(Event.DOWNGRADE, 0);
  }

  @Override
  boolean sleeping() {
    return true;
  }

  @Override
  Kind initKind() {
    return Event.INIT;
  }

  @Override
  Step step(Kind kind) {
    return ((Event) kind).step;
  }
}
