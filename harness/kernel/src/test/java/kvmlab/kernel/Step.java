// SPDX-License-Identifier: MIT
package kvmlab.kernel;

/// What a task of a generated program does next. Whoever takes a lock or opens a section closes it
/// by the same step, or at its end; who must not sleep leaves out what may.
enum Step {
  READ_X,
  WRITE_X,
  ACQUIRE_X,
  RELEASE_X,
  XCHG_X,
  CMPXCHG_X,
  ADD_X,
  ADD_X_RELAXED,
  AWAIT_X,
  /// Spins until x is not 0.
  CPU_RELAX,
  READ_Y,
  WRITE_Y,
  PLAIN_READ,
  PLAIN_WRITE,
  MB,
  RMB,
  WMB,
  CHOOSE,
  SPIN_LOCK,
  SPIN_TRYLOCK,
  MUTEX_LOCK,
  MUTEX_TRYLOCK,
  READ_LOCK,
  WRITE_LOCK,
  READ_TRYLOCK,
  WRITE_TRYLOCK,
  /// An interrupt that takes the lock for reading, and releases it.
  READ_LOCK_IRQ,
  DOWN_READ,
  DOWN_WRITE,
  /// Downgrades a write lock, else tries to take one.
  TRY_OR_DOWNGRADE,
  DOWN_READ_NON_OWNER,
  /// Releases for a reader that is no owner, if one has come.
  UP_READ_NON_OWNER,
  /// Opens a read section, a second one inside it, then closes both.
  SRCU_READ,
  SYNCHRONIZE_SRCU,
  /// Waits until x is not 0; or wakes, where only another task may wait.
  RCUWAIT,
  /// The same, with the state set too late.
  RCUWAIT_LATE,
  /// The same, without a look at x.
  RCUWAIT_SLEEP,
  RCUWAIT_ACTIVE,
  WAIT_EVENT,
  SLEEP,
  SLEEP_EXCLUSIVE,
  WAKE_UP,
  WAKE_UP_ALL,
  /// Wakes if the queue looks as if somebody waits.
  WAITQUEUE_ACTIVE,
  COMPLETE,
  COMPLETE_ALL,
  WAIT_FOR,
  TRY_WAIT_FOR,
  DONE,
  /// Creates a thread that writes x, or stops it.
  KTHREAD_RUN,
  KTHREAD_STOP
}
