// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import kvmlab.machine.Engine;
import kvmlab.machine.Task;
import kvmlab.machine.Violation;

/// What a task says of its own scheduling.
///
/// @kernel include/linux/kernel.h might_sleep(), non_block_start(), non_block_end();
///   include/linux/sched.h set_current_state(), schedule(); arch/*/include/asm/processor.h
///   cpu_relax()
public final class Sched {
  private Sched() {}

  /// Sets the state of the calling task. A full barrier comes after: what the task tests next, it
  /// tests as one that can be woken.
  public static void setCurrentState(TaskState state) {
    TaskStruct.currentState().set(state);
    Barriers.smpMb();
  }

  /// Sleeps until a wake-up, if the calling task has declared that it is about to and no wake-up
  /// has come since.
  public static void schedule() {
    mightSleep("schedule");
    TaskStruct.currentState().schedule();
  }

  /// Opens a section in which the calling task must not sleep. Sections nest.
  public static void nonBlockStart() {
    TaskStruct.current().nonBlock(1);
  }

  /// Closes a section opened by {@link #nonBlockStart}.
  public static void nonBlockEnd() {
    TaskStruct.current().nonBlock(-1);
  }

  /// `cpu_relax()`: the calling task goes round a loop until something that it reads has changed.
  ///
  /// A loop without it works too, but has to be run many times before it is known for one.
  public static void cpuRelax() {
    Engine.current().relax();
  }

  /// Reports the calling task when it must not sleep: a spinning lock is held, or the section is
  /// non-blockable.
  ///
  /// @param what where it may sleep, as the report says it
  public static void mightSleep(String what) {
    Engine engine = Engine.current();
    Task task = engine.task();
    String atomic = TaskStruct.of(task).atomic();
    if (!atomic.isEmpty()) {
      engine.fail(
          Violation.of(
              Violation.Kind.MISUSE,
              "I18",
              "nobody sleeps while holding a spinning lock or in a non-blockable section",
              task + " may sleep in " + what + " while " + atomic));
    }
  }
}
