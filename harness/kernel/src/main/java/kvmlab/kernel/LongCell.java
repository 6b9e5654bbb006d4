// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import java.util.function.LongPredicate;
import java.util.function.LongUnaryOperator;
import kvmlab.machine.Location;
import kvmlab.machine.Order;

/// A shared integer, 64 bits wide, as the kernel's `long` and `atomic_long_t` are.
///
/// @kernel include/asm-generic/rwonce.h READ_ONCE(), WRITE_ONCE(); include/linux/atomic.h;
///   include/asm-generic/bitops/atomic.h
public final class LongCell extends Cell {

  /// Declares a cell that holds `initial`.
  public LongCell(String name, long initial) {
    super(name, initial);
  }

  /// Declares which lock guards the cell: every write and every plain read needs it. Returns this.
  public LongCell guardedBy(Lock lock) {
    guard(lock);
    return this;
  }

  /// Declares that traces leave this cell out. Returns this.
  public LongCell hidden() {
    location.hide();
    return this;
  }

  /// Plain read.
  public long get() {
    checkRead();
    return (Long) location.plainRead();
  }

  /// Plain write.
  public void set(long value) {
    checkWrite();
    location.plainWrite(value);
  }

  /// `READ_ONCE(x)`.
  public long readOnce() {
    return (Long) location.read(Order.RELAXED);
  }

  /// `WRITE_ONCE(x, value)`.
  public void writeOnce(long value) {
    checkWrite();
    location.write(value, Order.RELAXED);
  }

  /// `smp_load_acquire(&x)`.
  public long smpLoadAcquire() {
    return (Long) location.read(Order.ACQUIRE);
  }

  /// `smp_store_release(&x, value)`.
  public void smpStoreRelease(long value) {
    checkWrite();
    location.write(value, Order.RELEASE);
  }

  /// `smp_cond_load_acquire(&x, condition)`: waits until the condition holds; returns the value.
  public long smpCondLoadAcquire(LongPredicate condition) {
    return (Long) location.await(value -> condition.test((Long) value), Order.ACQUIRE);
  }

  /// `smp_cond_load_relaxed(&x, condition)`: waits until the condition holds; returns the value.
  public long smpCondLoadRelaxed(LongPredicate condition) {
    return (Long) location.await(value -> condition.test((Long) value), Order.RELAXED);
  }

  /// `xchg(&x, value)`: stores `value`, returns the value before; a full barrier.
  public long xchg(long value) {
    return update("xchg", before -> value, Order.FULL);
  }

  /// `cmpxchg(&x, expected, value)`: stores `value` if the cell holds `expected`; returns the value
  /// before. A full barrier when it stores, unordered when it does not.
  public long cmpxchg(long expected, long value) {
    return cmpxchg("cmpxchg", expected, value, Order.FULL);
  }

  /// `cmpxchg_acquire`.
  public long cmpxchgAcquire(long expected, long value) {
    return cmpxchg("cmpxchg_acquire", expected, value, Order.ACQUIRE);
  }

  /// `cmpxchg_release`.
  public long cmpxchgRelease(long expected, long value) {
    return cmpxchg("cmpxchg_release", expected, value, Order.RELEASE);
  }

  /// `cmpxchg_relaxed`.
  public long cmpxchgRelaxed(long expected, long value) {
    return cmpxchg("cmpxchg_relaxed", expected, value, Order.RELAXED);
  }

  /// `atomic_long_fetch_add(change, &x)`: returns the value before; a full barrier.
  public long fetchAdd(long change) {
    return update("atomic_long_fetch_add", before -> before + change, Order.FULL);
  }

  /// `atomic_long_fetch_add_acquire`.
  public long fetchAddAcquire(long change) {
    return update("atomic_long_fetch_add_acquire", before -> before + change, Order.ACQUIRE);
  }

  /// `atomic_long_fetch_add_release`.
  public long fetchAddRelease(long change) {
    return update("atomic_long_fetch_add_release", before -> before + change, Order.RELEASE);
  }

  /// `atomic_long_fetch_add_relaxed`.
  public long fetchAddRelaxed(long change) {
    return update("atomic_long_fetch_add_relaxed", before -> before + change, Order.RELAXED);
  }

  /// `set_bit(nr, &x)`: atomic, unordered.
  public void setBit(int nr) {
    update("set_bit", before -> before | 1L << nr, Order.RELAXED);
  }

  /// `clear_bit(nr, &x)`: atomic, unordered.
  public void clearBit(int nr) {
    update("clear_bit", before -> before & ~(1L << nr), Order.RELAXED);
  }

  /// Returns the newest value, whoever asks. For invariants and tests, never for the protocol.
  public long latest() {
    return (Long) location.latest();
  }

  private long cmpxchg(String word, long expected, long value, Order order) {
    checkWrite();
    return (Long)
        location.tryUpdate(
            word, before -> (Long) before == expected ? (Object) value : Location.UNCHANGED, order);
  }

  private long update(String word, LongUnaryOperator function, Order order) {
    checkWrite();
    return (Long) location.update(word, before -> function.applyAsLong((Long) before), order);
  }
}
