// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import kvmlab.machine.Engine;
import kvmlab.machine.Location;
import kvmlab.machine.Task;
import kvmlab.machine.Violation;
import org.jspecify.annotations.Nullable;

/// A variable that tasks share. It knows its kernel name and, if it has one, the lock that guards
/// it.
///
/// Marked accesses (`readOnce`, `writeOnce`, acquire, release, atomics) are scheduling points.
/// Plain accesses (`get`, `set`) are not: they are reported when they race, as KCSAN does. With a
/// guard, every write and every plain read needs the lock; a marked read needs nothing.
public abstract class Cell {
  /// The word of memory; never another one once the cell is in use.
  Location location;

  // Not Engine.current() at each access: finding it there costs as much as the rest of the check.
  private final Engine engine;
  private @Nullable Lock guard;

  Cell(String name, Object initial) {
    this.engine = Engine.current();
    this.location = engine.location(name, initial);
  }

  /// Returns the kernel's name.
  public final String name() {
    return location.name();
  }

  /// Declares that an invariant looks at this cell after every event: see {@link Location#watch}.
  public final void watch() {
    location.watch();
  }

  final void guard(Lock lock) {
    guard = lock;
    location.guard(lock);
  }

  /// Leaves the cell out of the kernel: every access is reported.
  final void compileOut(Ifdef ifdef) {
    location = new AbsentLocation(ifdef, name(), location.latest());
  }

  final void checkRead() {
    Lock lock = guard;
    if (lock != null) {
      Task task = engine.task();
      if (task.id() >= 0 && !lock.heldForReading(task)) {
        unguarded(lock, task + " reads it without the lock");
      }
    }
  }

  final void checkWrite() {
    Lock lock = guard;
    if (lock != null) {
      Task task = engine.task();
      if (task.id() >= 0 && !lock.heldForWriting(task)) {
        boolean shared = lock.heldForReading(task);
        unguarded(
            lock, task + (shared ? " writes it with a read lock" : " writes it without the lock"));
      }
    }
  }

  private void unguarded(Lock lock, String seen) {
    String rule = name() + " is guarded by " + lock.name();
    Violation found = Violation.of(Violation.Kind.DATA_RACE, null, rule, seen);
    engine.fail(found.reporting(LockdepReport.notAsserted(engine.task(), lock, seen)));
  }

  /// Returns the name; a value is had only by an access that says which kind it is.
  @Override
  public final String toString() {
    return name();
  }
}
