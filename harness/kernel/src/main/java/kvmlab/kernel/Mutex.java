// SPDX-License-Identifier: MIT
package kvmlab.kernel;

/// A lock that is waited for by sleeping.
///
/// @kernel include/linux/mutex.h struct mutex
public final class Mutex extends ExclusiveLock {
  private static final Events EVENTS =
      new Events("mutex_init", "mutex_lock", "mutex_trylock", "mutex_unlock");

  /// Declares a lock; {@link #init} comes next.
  public Mutex(String name) {
    super(name, true, EVENTS);
  }

  /// Declares and initialises a lock.
  public static Mutex define(String name) {
    Mutex lock = new Mutex(name);
    lock.init();
    return lock;
  }
}
