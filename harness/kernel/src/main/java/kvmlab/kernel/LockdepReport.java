// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import kvmlab.machine.Task;
import kvmlab.machine.Violation;

/// What lockdep prints.
///
/// @kernel kernel/locking/lockdep.c print_circular_bug(), print_deadlock_bug(),
///   print_unlock_imbalance_bug(), debug_check_no_locks_held()
final class LockdepReport {
  private LockdepReport() {}

  /// A cycle: `closing` is the dependency that closes it, and `path` leads from the lock that is
  /// asked for back to the one that is held.
  static Violation circular(Task task, Dependency closing, List<Dependency> path) {
    HeldLock held = closing.held();
    HeldLock taken = closing.taken();
    String back =
        path.stream().map(dependency -> nests(dependency)).collect(Collectors.joining(", "));
    Splat splat =
        Splat.warning("WARNING: possible circular locking dependency detected")
            .line(task + " is trying to acquire lock:")
            .call(taken.spelling(), taken.calls())
            .line("")
            .line("but task is already holding lock:")
            .call(held.spelling(), held.calls())
            .line("")
            .line("which lock already depends on the new lock.")
            .line("")
            .line("the existing dependency chain (in reverse order) is:");
    List<Dependency> chain = new ArrayList<>(path.reversed());
    for (int i = 0; i < chain.size(); i++) {
      Dependency link = chain.get(i);
      splat
          .line("")
          .line("-> #" + (chain.size() - i) + ": " + link.task())
          .call(link.taken().spelling(), link.taken().calls())
          .line(" while holding")
          .call(link.held().spelling(), link.held().calls());
    }
    splat.line("").line("-> #0: " + task + ", " + taken.spelling() + ", now").line("");
    if (path.size() > 1) {
      String names =
          path.stream().map(link -> link.held().map().name()).collect(Collectors.joining(" --> "));
      splat.line("Chain exists of:").line("  " + names + " --> " + held.map()).line("");
    }
    scenario(splat, closing, path.getLast());
    return violation(
        SanitizerRule.LOCK_ORDER.statement(),
        task + " takes " + taken.map() + " while holding " + held.map() + "; " + back,
        splat.locks(task));
  }

  private static String nests(Dependency dependency) {
    return dependency.task()
        + " takes "
        + dependency.taken().map()
        + " while holding "
        + dependency.held().map();
  }

  private static void scenario(Splat splat, Dependency closing, Dependency last) {
    String indent = " ".repeat(24);
    splat
        .line(" Possible unsafe locking scenario:")
        .line("")
        .line("       CPU0                    CPU1")
        .line("       ----                    ----")
        .line("  " + closing.held().word())
        .line(indent + "       " + last.held().word())
        .line(indent + "       " + last.taken().word())
        .line("  " + closing.taken().word())
        .line("")
        .line(" *** DEADLOCK ***");
  }

  /// A lock asked for by a task that holds it, or another one of its class.
  static Violation recursive(Task task, HeldLock held, HeldLock taken) {
    boolean same = held.map() == taken.map();
    Splat splat =
        Splat.warning("WARNING: possible recursive locking detected")
            .line(task + " is trying to acquire lock:")
            .call(taken.spelling(), taken.calls())
            .line("")
            .line("but task is already holding lock:")
            .call(held.spelling(), held.calls())
            .line("")
            .line(" Possible unsafe locking scenario:")
            .line("")
            .line("       CPU0")
            .line("       ----")
            .line("  " + held.word())
            .line("  " + taken.word())
            .line("")
            .line(" *** DEADLOCK ***");
    if (!same) {
      splat.line("").line(" May be due to missing lock nesting notation");
    }
    splat.locks(task);
    if (!same) {
      return violation(
          "two locks of one class are nested by an annotation only",
          task + " takes one " + taken.map() + " while holding another",
          splat);
    }
    boolean readers = HeldLocks.shared(held.mode()) && HeldLocks.shared(taken.mode());
    return readers
        ? violation(
            "nobody waits for a fair lock while holding it for reading",
            task + " takes " + taken.map() + " twice; a writer that comes in between blocks both",
            splat)
        : report(
            SanitizerRule.OWNED,
            task + " takes " + taken.map() + " once",
            task + " takes it while holding it",
            splat);
  }

  /// A lock released by a task that does not hold it.
  static Violation notHeld(Task task, LockdepMap map, String rule, String seen) {
    Splat splat =
        Splat.warning("WARNING: bad unlock balance detected!")
            .line(task + " is trying to release lock (" + map + ") at:")
            .call(task.kind().word() + "(" + map + ")", task.calls())
            .line("but there are no more locks to release!")
            .locks(task);
    return report(SanitizerRule.OWNED, rule, seen, splat);
  }

  /// Something that needs a lock, done without.
  static List<String> notAsserted(Task task, Lock lock, String what) {
    return Splat.bug("WARNING: lockdep_assert_held(&" + lock + ")")
        .line(task + " at:")
        .call(what, task.calls())
        .locks(task)
        .lines();
  }

  /// Locks, or read sections, that a task takes with it to its end.
  static Violation heldAtEnd(Task task, HeldLock first) {
    Splat splat =
        Splat.warning("WARNING: lock held when returning to user space!")
            .line(task + " is leaving the kernel with locks still held!")
            .lines(task.held());
    return report(
        first.map().readSection() ? SanitizerRule.GRACE_PERIOD : SanitizerRule.OWNED,
        "a task releases all that it holds before it ends",
        task + " ends after " + first.spelling() + " without the release",
        splat);
  }

  /// A lock asked for where the protocol rules it out: see [Lockdep#forbid].
  static Violation forbidden(Task task, ForbiddenOrder order, HeldLock held, HeldLock taken) {
    Splat splat =
        Splat.warning("WARNING: invalid lock nesting")
            .line(task + " is trying to acquire lock:")
            .call(taken.spelling(), taken.calls())
            .line("")
            .line("but task is already holding lock:")
            .call(held.spelling(), held.calls())
            .locks(task);
    String seen = task + " takes " + taken.map() + " while holding " + held.map();
    return Violation.of(Violation.Kind.MISUSE, order.invariant(), order.rule(), seen)
        .reporting(splat.lines());
  }

  private static Violation violation(String rule, String seen, Splat splat) {
    return report(SanitizerRule.LOCK_ORDER, rule, seen, splat);
  }

  private static Violation report(SanitizerRule broken, String rule, String seen, Splat splat) {
    return Violation.of(Violation.Kind.MISUSE, broken.id(), rule, seen).reporting(splat.lines());
  }
}
