// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import kvmlab.machine.Kind;

/// A lock that is waited for by spinning: its holder must not sleep.
///
/// @kernel include/linux/spinlock.h spinlock_t
public final class Spinlock extends ExclusiveLock {
  private enum Event implements Kind {
    INIT("spin_lock_init", Step.INIT),
    LOCK("spin_lock", Step.LOCK),
    TRYLOCK("spin_trylock", Step.TRYLOCK),
    UNLOCK("spin_unlock", Step.UNLOCK);

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
  public Spinlock(String name) {
    super(name);
  }

  /// Declares and initialises a lock.
  public static Spinlock define(String name) {
    Spinlock lock = new Spinlock(name);
    lock.init();
    return lock;
  }

  /// Takes the lock; waits while another task holds it.
  public void lock() {
    mayWait();
    perform(Event.LOCK, 0);
  }

  /// Takes the lock if it is free; returns whether it did. Never waits.
  public boolean trylock() {
    return perform(Event.TRYLOCK, 0) != 0;
  }

  /// Releases the lock. The caller holds it.
  public void unlock() {
    perform(Event.UNLOCK, 0);
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
