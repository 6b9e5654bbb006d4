// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import kvmlab.machine.Task;
import kvmlab.machine.Violation;
import org.jspecify.annotations.Nullable;

/// What is printed of a read section, or of what it protects, that is used against its rules.
///
/// @kernel kernel/locking/lockdep.c lockdep_rcu_suspicious()
final class SrcuReport {
  private SrcuReport() {}

  /// A misuse of the domain `srcu`.
  static Violation misuse(Task task, String srcu, String rule, String seen) {
    return violation(
        SanitizerRule.GRACE_PERIOD.id(), task, srcu + ": " + task.kind().word() + "()", rule, seen);
  }

  /// A use of the domain `srcu` outside its life, or one that begins or ends its life wrongly.
  static Violation life(SanitizerRule broken, Task task, String srcu, String rule, String seen) {
    return violation(broken.id(), task, srcu + ": " + task.kind().word() + "()", rule, seen);
  }

  /// A pointer dereferenced where nothing keeps alive what it points to.
  ///
  /// @param check the kernel's word for the operation
  static Violation dereference(Task task, String cell, String check, String rule, String seen) {
    return violation(null, task, cell + ": suspicious " + check + "() usage!", rule, seen);
  }

  private static Violation violation(
      @Nullable String invariant, Task task, String what, String rule, String seen) {
    Splat splat =
        Splat.warning("WARNING: suspicious RCU usage")
            .line(task + " at:")
            .call(what, task.calls())
            .line("")
            .line("other info that might help us debug this:")
            .locks(task);
    return Violation.of(Violation.Kind.MISUSE, invariant, rule, seen).reporting(splat.lines());
  }
}
