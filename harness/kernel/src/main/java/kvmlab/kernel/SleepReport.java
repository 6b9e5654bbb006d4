// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import java.util.ArrayList;
import java.util.List;
import kvmlab.machine.Task;
import kvmlab.machine.Violation;

/// What is printed of a task that may sleep where it must not.
///
/// @kernel kernel/sched/core.c __might_resched()
final class SleepReport {
  private SleepReport() {}

  static Violation sleeping(Task task, TaskStruct struct, String what) {
    List<String> spinning = spinning(struct);
    Splat splat =
        Splat.bug("BUG: sleeping function called from invalid context")
            .line(task + " at:")
            .call(what, task.calls())
            .line(
                "in_atomic(): %d, in_interrupt(): %d, non_block: %d"
                    .formatted(
                        struct.preemptCount(),
                        struct.inInterrupt() ? 1 : 0,
                        struct.nonBlockCount()))
            .locks(task);
    String why =
        !spinning.isEmpty()
            ? "it holds " + String.join(", ", spinning)
            : struct.inInterrupt()
                ? "it is in interrupt context"
                : "it is in a non-blockable section";
    boolean onlyNonBlock = spinning.isEmpty() && !struct.inInterrupt();
    SanitizerRule rule = onlyNonBlock ? SanitizerRule.NON_BLOCK : SanitizerRule.MIGHT_SLEEP;
    return violation(
        rule,
        SanitizerRule.MIGHT_SLEEP.statement(),
        task + " may sleep in " + what + " while " + why,
        splat);
  }

  private static List<String> spinning(TaskStruct struct) {
    List<String> names = new ArrayList<>();
    for (int at = 0; at < struct.held().size(); at++) {
      if (struct.held().map(at).spinning()) {
        names.add(struct.held().map(at).name());
      }
    }
    return names;
  }

  static Violation neverOpened(Task task) {
    Splat splat =
        Splat.bug("WARNING: non_block_end() without non_block_start()")
            .line(task + " at:")
            .call("non_block_end()", task.calls())
            .locks(task);
    return violation(
        SanitizerRule.NON_BLOCK,
        "non_block_end() closes what non_block_start() opened",
        task + " closes a section and is in none",
        splat);
  }

  static Violation openAtEnd(Task task) {
    Splat splat =
        Splat.bug("WARNING: non-blockable section open when returning to user space")
            .line(task + " is leaving the kernel without non_block_end()!")
            .locks(task);
    return violation(
        SanitizerRule.NON_BLOCK,
        "a task closes its non-blockable sections before it ends",
        task + " ends inside one",
        splat);
  }

  private static Violation violation(SanitizerRule broken, String rule, String seen, Splat splat) {
    return Violation.of(Violation.Kind.MISUSE, broken.id(), rule, seen).reporting(splat.lines());
  }
}
