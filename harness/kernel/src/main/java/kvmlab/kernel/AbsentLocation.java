// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import kvmlab.machine.Location;
import kvmlab.machine.Order;
import kvmlab.machine.Task;

/// A word of memory that is compiled out: every access is reported, and has no effect.
final class AbsentLocation extends Location {
  private final Ifdef ifdef;
  private final Object initial;

  /// @param initial what invariants and reports, which are in no kernel, see
  AbsentLocation(Ifdef ifdef, String name, Object initial) {
    super(name);
    this.ifdef = ifdef;
    this.initial = initial;
  }

  private Object used() {
    ifdef.require(name());
    return initial;
  }

  @Override
  public Object read(String word, Order order) {
    return used();
  }

  @Override
  public void write(String word, Object value, Order order) {
    used();
  }

  @Override
  public Object update(String word, UnaryOperator<Object> function, Order order) {
    return used();
  }

  @Override
  public Object await(Predicate<Object> condition, Order order) {
    return used();
  }

  @Override
  public Object plainRead() {
    return used();
  }

  @Override
  public void plainWrite(Object value) {
    used();
  }

  @Override
  public Object latest() {
    return initial;
  }

  @Override
  public void execute(Task task) {
    throw new AssertionError(name() + " has no events");
  }
}
