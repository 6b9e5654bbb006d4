// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import kvmlab.machine.Kind;

/// A reader-writer lock that is waited for by spinning: its holders must not sleep. Fair to
/// writers, as the queued rwlock of Linux is in task context.
///
/// @kernel include/linux/rwlock.h rwlock_t
public final class RwLock extends FairRwLock {
  private enum Event implements Kind {
    INIT("rwlock_init", Step.INIT),
    READ("read_lock", Step.READ),
    WRITE("write_lock", Step.WRITE),
    TRY_READ("read_trylock", Step.TRY_READ),
    TRY_WRITE("write_trylock", Step.TRY_WRITE),
    READ_DONE("read_unlock", Step.READ_DONE),
    WRITE_DONE("write_unlock", Step.WRITE_DONE);

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
  public RwLock(String name) {
    super(name);
  }

  /// Declares and initialises a lock.
  public static RwLock define(String name) {
    RwLock lock = new RwLock(name);
    lock.init();
    return lock;
  }

  /// Takes the lock for reading; waits while a writer holds it or waits for it.
  public void readLock() {
    mayWait();
    perform(Event.READ, 0);
  }

  /// Takes the lock for reading if no writer holds it or waits for it; returns whether it did.
  public boolean readTrylock() {
    return perform(Event.TRY_READ, 0) != 0;
  }

  /// Releases the lock held for reading.
  public void readUnlock() {
    perform(Event.READ_DONE, 0);
  }

  /// Takes the lock for writing; waits while anybody holds it.
  public void writeLock() {
    mayWait();
    perform(Event.WRITE, 0);
  }

  /// Takes the lock for writing if it is free; returns whether it did.
  public boolean writeTrylock() {
    return perform(Event.TRY_WRITE, 0) != 0;
  }

  /// Releases the lock held for writing.
  public void writeUnlock() {
    perform(Event.WRITE_DONE, 0);
  }

  @Override
  boolean sleeping() {
    return false;
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
