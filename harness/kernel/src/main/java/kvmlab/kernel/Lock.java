// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import java.util.Arrays;
import java.util.List;
import kvmlab.machine.Kind;
import kvmlab.machine.SharedObject;
import kvmlab.machine.StateHash;
import kvmlab.machine.Task;
import kvmlab.machine.Violation;
import kvmlab.machine.Wait;
import org.jspecify.annotations.Nullable;

/// What all locks have in common: they are declared, then initialised, then used; the sanitizers
/// know who holds them.
///
/// A lock that was declared with `new` must be initialised with {@link #init} before its first use,
/// as in C; the static `define` of each class does both, as `DEFINE_SPINLOCK` does.
public abstract class Lock extends SharedObject {
  private final LockdepMap depMap;
  private final boolean sleeping;
  private boolean initialised;
  private @Nullable Ifdef compiledOut;

  /// How often each task has taken the lock, by its number plus 1; null where nobody counts. Each
  /// task reads its own number only.
  private int @Nullable [] acquisitions;

  /// @param sleeping whether a task that waits for the lock sleeps
  Lock(String name, boolean sleeping) {
    super(name);
    this.sleeping = sleeping;
    this.depMap = new LockdepMap(name, getClass(), !sleeping);
  }

  /// Initialises the lock: it is free and nobody waits.
  public final void init() {
    perform(initKind(), 0);
  }

  /// Leaves the lock out of the kernel: every use is reported.
  final void compileOut(Ifdef ifdef) {
    compiledOut = ifdef;
  }

  /// Reports the calling task when the lock is compiled out: even to ask whether it is held needs
  /// its declaration.
  private void mustBeCompiled(Task task) {
    if (compiledOut != null) {
      engine.fail(compiledOut.used(task, name()));
    }
  }

  /// Reports the calling task when it does not hold the lock in any mode.
  public final void lockdepAssertHeld() {
    Task task = engine.task();
    mustBeCompiled(task);
    if (task.id() >= 0 && !heldForReading(task)) {
      notAsserted(task, name() + " is held here", task + " does not hold it");
    }
  }

  /// Reports the calling task when it does not hold the lock exclusively.
  public final void lockdepAssertHeldWrite() {
    Task task = engine.task();
    mustBeCompiled(task);
    if (task.id() >= 0 && !heldForWriting(task)) {
      notAsserted(task, name() + " is held for writing here", task + " does not hold it so");
    }
  }

  @Override
  public final void describe(StateHash into) {
    into.add(initialised);
    describeHolders(into);
  }

  /// Adds who holds the lock, and who waits for it in which order.
  abstract void describeHolders(StateHash into);

  /// Counts from now on who takes the lock how often. Called before there are tasks.
  ///
  /// @kernel kernel/locking/lockdep.c lock_acquired(), with CONFIG_LOCK_STAT
  public final void countAcquisitions() {
    acquisitions = new int[4];
  }

  /// Returns how often the calling task has taken the lock since somebody counts. For invariants.
  public final int acquisitions() {
    int[] counted = acquisitions;
    int of = engine.task().id() + 1;
    return counted == null || of >= counted.length ? 0 : counted[of];
  }

  /// Returns whether the calling task holds the lock in any mode; true before and after the tasks.
  ///
  /// @kernel include/linux/lockdep.h lockdep_is_held()
  public final boolean lockdepIsHeld() {
    Task task = engine.task();
    mustBeCompiled(task);
    return task.id() < 0 || heldForReading(task);
  }

  /// Returns whether `task` holds the lock in a mode that excludes writers.
  abstract boolean heldForReading(Task task);

  /// Returns whether `task` holds the lock exclusively.
  abstract boolean heldForWriting(Task task);

  abstract Kind initKind();

  /// Forgets owners and waiters, as an initialisation does.
  abstract void reset(Task task);

  /// Returns a report of who holds the lock, or the empty string when it is free.
  abstract String holders();

  /// Performs an initialisation when `task` is about to; returns whether it was.
  final boolean initialises(Task task) {
    mustBeCompiled(task);
    if (task.kind() == initKind()) {
      if (initialised && !holders().isEmpty()) {
        misuse(
            SanitizerRule.INITIALISED,
            name() + " is never initialised anew while it is held",
            holders());
      }
      initialised = true;
      reset(task);
      return true;
    }
    if (!initialised) {
      misuse(
          SanitizerRule.INITIALISED,
          name() + " is initialised before its first use",
          task + " calls " + spelling(task) + " before any initialisation");
    }
    return false;
  }

  final void misuse(SanitizerRule broken, String rule, String seen) {
    engine.fail(Violation.of(Violation.Kind.MISUSE, broken.id(), rule, seen));
  }

  private void notAsserted(Task task, String rule, String seen) {
    Violation found = Violation.of(Violation.Kind.MISUSE, null, rule, seen);
    engine.fail(found.reporting(LockdepReport.notAsserted(task, this, seen)));
  }

  final void mayWait() {
    if (sleeping) {
      Sched.mightSleep(name());
    }
  }

  /// Tells lockdep that `task` asks for the lock, before it may have to wait.
  final void requested(Task task, int mode) {
    TaskStruct.of(task)
        .requested(task, depMap, HeldLocks.nested(mode, task.argument()), task.kind());
  }

  /// Notes that `task`, whose pending event asked for the lock, has it.
  final void acquired(Task task, int mode) {
    TaskStruct.of(task).acquired(task, depMap, HeldLocks.nested(mode, task.argument()));
    int[] counted = acquisitions;
    if (counted != null) {
      int of = task.id() + 1;
      if (of >= counted.length) {
        counted = Arrays.copyOf(counted, of + 4);
        acquisitions = counted;
      }
      counted[of]++;
    }
  }

  final void released(Task task) {
    TaskStruct.of(task).released(depMap);
  }

  final void downgraded(Task task) {
    TaskStruct.of(task).downgraded(depMap);
  }

  /// Reports an unlock by `task`, which does not hold the lock so.
  final void notHeld(Task task, String rule, String seen) {
    engine.fail(LockdepReport.notHeld(task, depMap, rule, seen));
  }

  /// Returns the tasks that must act before `waiter` gets the lock.
  abstract List<Task> blockers(Task waiter);

  @Override
  public Wait waiting(Task waiter) {
    return new Wait(null, null, holders(), blockers(waiter));
  }
}
