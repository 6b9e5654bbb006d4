// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import kvmlab.machine.Engine;
import kvmlab.machine.Task;
import kvmlab.machine.Violation;

/// An `#if` around declarations. What it leaves out does not exist: to use it would not compile, so
/// whoever uses it is reported.
///
/// Simplified: a compiler sees every line, this only the lines that run. A use that no scenario
/// reaches passes here.
///
/// @param condition as it is written: `defined(CONFIG_MMU_NOTIFIER)`
/// @param holds whether the kernel is built so that the condition holds
public record Ifdef(String condition, boolean holds) {

  /// Declares a variable inside the `#if`; returns it.
  public <T extends Cell> T declare(T cell) {
    if (!holds) {
      cell.compileOut(this);
    }
    return cell;
  }

  /// Declares a lock inside the `#if`; returns it.
  public <T extends Lock> T declare(T lock) {
    if (!holds) {
      lock.compileOut(this);
    }
    return lock;
  }

  /// Returns the report of a use by `task` where the condition does not hold.
  Violation used(Task task, String name) {
    return Violation.of(
        Violation.Kind.MISUSE,
        SanitizerRule.DECLARED.id(),
        name + " is used only where it is declared: #if " + condition,
        task + " uses it, and the condition does not hold: this does not compile");
  }

  /// Reports the calling task when it uses `name`, which is declared inside the `#if`, where the
  /// condition does not hold. For functions; variables and locks say so by themselves.
  public void require(String name) {
    if (!holds) {
      Engine engine = Engine.current();
      engine.fail(used(engine.task(), name));
    }
  }
}
