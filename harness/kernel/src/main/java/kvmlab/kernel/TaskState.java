// SPDX-License-Identifier: MIT
package kvmlab.kernel;

/// What a task says of itself to the scheduler.
///
/// Simplified: there are no signals, so `TASK_INTERRUPTIBLE` would be `TASK_UNINTERRUPTIBLE`.
///
/// @kernel include/linux/sched.h TASK_RUNNING, TASK_UNINTERRUPTIBLE
public enum TaskState {
  /// Runs, and goes on running when it calls `schedule()`.
  TASK_RUNNING,
  /// Is about to sleep: the next `schedule()` waits for a wake-up, unless one comes before it.
  TASK_UNINTERRUPTIBLE
}
