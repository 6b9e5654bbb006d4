// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import kvmlab.machine.Engine;
import kvmlab.machine.Order;
import kvmlab.machine.Task;
import kvmlab.machine.Violation;

/// How many use an object; whoever drops the last reference frees it. Never counts up from 0: the
/// object is gone then.
///
/// Simplified: dropping a reference is a full barrier, where Linux has a release, and an acquire
/// when the count gets 0. The kernel promises no more, and a user who needs more is not found here.
///
/// @kernel include/linux/refcount.h refcount_t
public final class Refcount extends Cell {

  /// Declares a count of 0; {@link #set} comes next.
  public Refcount(String name) {
    super(name, 0L);
  }

  /// `refcount_set(&r, n)`.
  public void set(long n) {
    location.write("refcount_set", n, Order.RELAXED);
  }

  /// `refcount_inc(&r)`: the caller has a reference already.
  public void inc() {
    if (add("refcount_inc", 1, Order.RELAXED) == 0) {
      warn("addition on 0; use-after-free");
    }
  }

  /// `refcount_dec_and_test(&r)`: returns whether that was the last reference.
  public boolean decAndTest() {
    long before = add("refcount_dec_and_test", -1, Order.FULL);
    if (before <= 0) {
      warn("underflow; use-after-free");
    }
    return before == 1;
  }

  /// Returns the newest value, whoever asks. For invariants and tests, never for the protocol.
  public long latest() {
    return (Long) location.latest();
  }

  private long add(String word, long change, Order order) {
    return (Long) location.update(word, before -> (Long) before + change, order);
  }

  private void warn(String what) {
    Task task = Engine.current().task();
    Engine.current()
        .fail(
            Violation.of(
                Violation.Kind.MISUSE,
                SanitizerRule.ALIVE.id(),
                name() + " counts those who use the object",
                task + " at: refcount_t: " + what));
  }
}
