// SPDX-License-Identifier: MIT
package kvmlab.explore.stress;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import kvmlab.machine.Location;
import kvmlab.machine.Order;
import kvmlab.machine.Task;

/// A word of memory on real threads: each access as strong as its order asks for, and no stronger.
/// A plain access is a plain field access: what the compiler and the machine make of a race shows
/// in the values, and nothing looks for the race itself.
///
/// @source JEP 193; D. Lea, "Using JDK 9 memory order modes"
final class StressLocation extends Location {
  private static final VarHandle VALUE;

  static {
    try {
      VALUE = MethodHandles.lookup().findVarHandle(StressLocation.class, "value", Object.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final Round round;
  private Object value;

  StressLocation(Round round, String name, Object initial) {
    super(name);
    this.round = round;
    this.value = initial;
  }

  @Override
  public Object read(String word, Order order) {
    round.begin();
    return load(order);
  }

  private Object load(Order order) {
    return order.acquires() ? VALUE.getAcquire(this) : VALUE.getOpaque(this);
  }

  @Override
  public void write(String word, Object written, Order order) {
    round.begin();
    if (order.releases()) {
      VALUE.setRelease(this, written);
    } else {
      VALUE.setOpaque(this, written);
    }
  }

  @Override
  public Object update(String word, UnaryOperator<Object> function, Order order) {
    round.begin();
    while (true) {
      Object before = load(order);
      Object after = function.apply(before);
      if (after == UNCHANGED || exchange(before, after, order)) {
        return before;
      }
    }
  }

  private boolean exchange(Object before, Object after, Order order) {
    return switch (order) {
      case RELAXED -> VALUE.weakCompareAndSetPlain(this, before, after);
      case ACQUIRE -> VALUE.weakCompareAndSetAcquire(this, before, after);
      case RELEASE -> VALUE.weakCompareAndSetRelease(this, before, after);
      case FULL -> {
        // A volatile exchange alone orders nothing against opaque accesses around it.
        VarHandle.fullFence();
        boolean done = VALUE.weakCompareAndSet(this, before, after);
        VarHandle.fullFence();
        yield done;
      }
    };
  }

  @Override
  public Object await(Predicate<Object> condition, Order order) {
    round.begin();
    Object[] seen = new Object[1];
    round.await(
        this,
        Access.AWAIT,
        () -> {
          seen[0] = load(order);
          return condition.test(seen[0]);
        });
    return seen[0];
  }

  @Override
  public Object plainRead() {
    return value;
  }

  @Override
  public void plainWrite(Object written) {
    value = written;
  }

  @Override
  public Object latest() {
    return VALUE.getVolatile(this);
  }

  @Override
  public void execute(Task task) {
    throw new AssertionError("accesses of " + name() + " take effect where they are made");
  }
}
