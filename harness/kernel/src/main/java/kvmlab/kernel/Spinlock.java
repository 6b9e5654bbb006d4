// SPDX-License-Identifier: MIT
package kvmlab.kernel;

/// A lock that is waited for by spinning: its holder must not sleep.
///
/// @kernel include/linux/spinlock.h spinlock_t
public final class Spinlock extends ExclusiveLock {
  private static final Events EVENTS =
      new Events("spin_lock_init", "spin_lock", "spin_trylock", "spin_unlock");

  /// Declares a lock; {@link #init} comes next.
  public Spinlock(String name) {
    super(name, false, EVENTS);
  }

  /// Declares and initialises a lock.
  public static Spinlock define(String name) {
    Spinlock lock = new Spinlock(name);
    lock.init();
    return lock;
  }
}
