// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import kvmlab.machine.Engine;
import kvmlab.machine.Task;
import kvmlab.machine.Violation;

/// What a task says of its own scheduling.
///
/// @kernel include/linux/kernel.h might_sleep(), non_block_start(), non_block_end()
public final class Sched {
  private Sched() {}

  /// Opens a section in which the calling task must not sleep. Sections nest.
  public static void nonBlockStart() {
    TaskStruct.current().nonBlock(1);
  }

  /// Closes a section opened by {@link #nonBlockStart}.
  public static void nonBlockEnd() {
    TaskStruct.current().nonBlock(-1);
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
