// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import kvmlab.machine.Engine;
import kvmlab.machine.Location;
import kvmlab.machine.Order;
import kvmlab.machine.Task;
import org.jspecify.annotations.Nullable;

/// A shared pointer; null is `NULL`.
///
/// What it points to should be immutable, or guarded by itself.
///
/// @param <T> what it points to
/// @kernel include/linux/rcupdate.h rcu_assign_pointer(); include/linux/srcu.h srcu_dereference()
public final class RefCell<T> extends Cell {
  /// The pointer to nothing.
  private enum Null {
    NULL
  }

  /// Declares a cell that holds `initial`.
  public RefCell(String name, @Nullable T initial) {
    super(name, initial == null ? Null.NULL : initial);
  }

  /// Declares which lock guards the cell: every write and every plain read needs it. Returns this.
  public RefCell<T> guardedBy(Lock lock) {
    guard(lock);
    return this;
  }

  /// Declares that traces leave this cell out. Returns this.
  public RefCell<T> hidden() {
    location.hide();
    return this;
  }

  /// Plain read.
  public @Nullable T get() {
    checkRead();
    return value(location.plainRead());
  }

  /// Plain write.
  public void set(@Nullable T value) {
    checkWrite();
    location.plainWrite(bits(value));
  }

  /// `READ_ONCE(p)`.
  public @Nullable T readOnce() {
    return value(location.read(Order.RELAXED));
  }

  /// `WRITE_ONCE(p, value)`.
  public void writeOnce(@Nullable T value) {
    checkWrite();
    location.write(bits(value), Order.RELAXED);
  }

  /// `smp_load_acquire(&p)`.
  public @Nullable T smpLoadAcquire() {
    return value(location.read(Order.ACQUIRE));
  }

  /// `smp_store_release(&p, value)`.
  public void smpStoreRelease(@Nullable T value) {
    checkWrite();
    location.write(bits(value), Order.RELEASE);
  }

  /// `rcu_assign_pointer(p, value)`: publishes what `value` points to.
  public void rcuAssignPointer(@Nullable T value) {
    checkWrite();
    location.write("rcu_assign_pointer", bits(value), Order.RELEASE);
  }

  /// `RCU_INIT_POINTER(p, value)`: sets the pointer before anybody else can read it, so without its
  /// lock. A plain write, reported when somebody can.
  public void rcuInitPointer(@Nullable T value) {
    location.plainWrite(bits(value));
  }

  /// `srcu_dereference(p, srcu)`: reads the pointer inside a read section of `srcu`; reported
  /// outside one.
  ///
  /// Simplified: an acquire, where Linux relies on the address dependency. It can hide a missing
  /// acquire between two pointers, and raises no false alarm.
  public @Nullable T srcuDereference(SrcuStruct srcu) {
    if (!srcu.readLockHeld()) {
      unprotected(
          "srcu_dereference",
          name() + " is dereferenced inside a read section of " + srcu.name(),
          " is in none: suspicious RCU usage");
    }
    return value(location.read("srcu_dereference", Order.ACQUIRE));
  }

  /// `srcu_dereference_check(p, srcu, lockdep_is_held(lock))`: reads the pointer inside a read
  /// section of `srcu`, or under the lock of its updaters; reported elsewhere.
  public @Nullable T srcuDereferenceCheck(SrcuStruct srcu, Lock lock) {
    if (!srcu.readLockHeld() && !lock.lockdepIsHeld()) {
      unprotected(
          "srcu_dereference_check",
          name()
              + " is dereferenced inside a read section of "
              + srcu.name()
              + ", or under "
              + lock.name(),
          " is in none and does not hold it: suspicious RCU usage");
    }
    return value(location.read("srcu_dereference_check", Order.ACQUIRE));
  }

  /// `rcu_dereference_protected(p, lockdep_is_held(lock))`: reads the pointer under the lock of its
  /// updaters, so nobody changes it meanwhile; reported without. A plain read.
  public @Nullable T rcuDereferenceProtected(Lock lock) {
    if (!lock.lockdepIsHeld()) {
      unprotected(
          "rcu_dereference_protected",
          name() + " is dereferenced so under " + lock.name() + " only",
          " does not hold it: suspicious RCU usage");
    }
    return value(location.plainRead());
  }

  private void unprotected(String check, String rule, String seen) {
    Engine engine = Engine.current();
    Task task = engine.task();
    engine.fail(SrcuReport.dereference(task, name(), check, rule, task + seen));
  }

  /// `cmpxchg(&p, expected, value)`: stores `value` if the cell holds `expected`; returns the value
  /// before. A full barrier when it stores, unordered when it does not.
  ///
  /// Needs no guard, unlike a plain or marked write: it undoes nothing that the owner of the lock
  /// has stored meanwhile. So lockless fast paths update what a lock guards.
  public @Nullable T cmpxchg(@Nullable T expected, @Nullable T value) {
    return value(
        location.tryUpdate(
            "cmpxchg",
            before -> before.equals(bits(expected)) ? bits(value) : Location.UNCHANGED,
            Order.FULL));
  }

  /// The hardware stores `value` if the cell holds `expected`, at once; returns the value before.
  /// So it sets the accessed bit of a page-table entry, whoever holds which lock.
  ///
  /// An event, and atomic, but no access of the task on whose behalf it happens: nobody compiles
  /// it, so KCSAN knows nothing of it and software may read the cell plainly meanwhile. Code that
  /// asks for what the hardware changes must read it by [#readOnce], or only one of the two answers
  /// is tried. Races among the software are reported as ever. Orders nothing.
  ///
  /// @kernel Documentation/dev-tools/kcsan.rst
  public @Nullable T cmpxchgByHardware(@Nullable T expected, @Nullable T value) {
    return value(
        location.updateByHardware(
            "cmpxchg", before -> before.equals(bits(expected)) ? bits(value) : Location.UNCHANGED));
  }

  /// Returns the newest value, whoever asks. For invariants and tests, never for the protocol.
  public @Nullable T latest() {
    return value(location.latest());
  }

  private static Object bits(@Nullable Object value) {
    return value == null ? Null.NULL : value;
  }

  @SuppressWarnings("unchecked")
  private @Nullable T value(Object bits) {
    return bits == Null.NULL ? null : (T) bits;
  }
}
