// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import kvmlab.machine.Engine;
import kvmlab.machine.Task;
import org.jspecify.annotations.Nullable;

/// What a task says of its own scheduling.
///
/// @kernel include/linux/kernel.h might_sleep(), non_block_start(), non_block_end();
///   include/linux/sched.h set_current_state(), schedule(); arch/*/include/asm/processor.h
///   cpu_relax(); include/linux/preempt.h in_interrupt(); kernel/softirq.c irq_enter(), irq_exit()
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

  /// Enters interrupt context: what the calling task does until {@link #irqExit}, a handler does on
  /// top of it. A task whose whole body lies in between is an interrupt on another CPU. Nests.
  public static void irqEnter() {
    TaskStruct.current().interrupt(1);
  }

  /// Leaves interrupt context.
  public static void irqExit() {
    TaskStruct.current().interrupt(-1);
  }

  /// Returns whether the calling task is in interrupt context.
  public static boolean inInterrupt() {
    return TaskStruct.current().inInterrupt();
  }

  /// Opens a section in which the calling task must not sleep. Sections nest.
  public static void nonBlockStart() {
    TaskStruct.current().nonBlockStart();
  }

  /// Closes a section opened by {@link #nonBlockStart}.
  public static void nonBlockEnd() {
    if (!TaskStruct.current().nonBlockEnd()) {
      Engine engine = Engine.current();
      engine.fail(SleepReport.neverOpened(engine.task()));
    }
  }

  /// `cpu_relax()`: the calling task goes round a loop until something that it reads has changed.
  ///
  /// A loop without it works too, but has to be run many times before it is known for one.
  public static void cpuRelax() {
    Engine.current().relax();
  }

  /// `current->mm`: the address space of the calling task's process; null for a task of the process
  /// that the scenario is about.
  public static @Nullable Object currentMm() {
    return TaskStruct.current().mm();
  }

  /// Makes the calling task one of the process that has the address space `mm`.
  ///
  /// @kernel kernel/kthread.c kthread_use_mm()
  public static void useMm(Object mm) {
    TaskStruct.current().mm(mm);
  }

  /// Reports the calling task when it must not sleep: a spinning lock is held, the section is
  /// non-blockable, or it is in interrupt context.
  ///
  /// @param what where it may sleep, as the report says it
  public static void mightSleep(String what) {
    Engine engine = Engine.current();
    Task task = engine.task();
    TaskStruct struct = TaskStruct.of(task);
    if (struct.atomic()) {
      engine.fail(SleepReport.sleeping(task, struct, what));
    }
  }
}
