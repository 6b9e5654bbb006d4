// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.List;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import kvmlab.machine.Location;
import kvmlab.machine.Order;
import kvmlab.machine.Task;
import kvmlab.machine.TraceEvent;
import kvmlab.machine.Violation;
import kvmlab.machine.Wait;
import org.jspecify.annotations.Nullable;

/// A location under an explorer: announces marked accesses as events, checks plain ones for races.
abstract class ExploredLocation extends Location {
  /// The argument of an event that is possible only when there is something to read that the task
  /// waits for.
  static final long WAITS = 1;

  final Execution execution;
  final RaceDetector races;

  ExploredLocation(Execution execution, String name) {
    super(name);
    this.execution = execution;
    this.races = new RaceDetector(this);
  }

  @Override
  public final Object read(String word, Order order) {
    return access(Access.READ, word, "", order);
  }

  @Override
  public final void write(String word, Object value, Order order) {
    access(Access.WRITE, word, value, order);
  }

  @Override
  public final Object update(String word, UnaryOperator<Object> function, Order order) {
    if (order == Order.FULL) {
      execution.fence(kvmlab.machine.Fence.FULL);
    }
    execution.running().function = function;
    Object before = access(Access.UPDATE, word, "", order);
    if (order == Order.FULL) {
      execution.fence(kvmlab.machine.Fence.FULL);
    }
    return before;
  }

  /// Where it fails, the barriers around it are none; but whether it fails is only known once it
  /// has read. So it reads twice: first as if without barriers, and only to fail.
  @Override
  public final Object tryUpdate(String word, UnaryOperator<Object> function, Order order) {
    if (order == Order.FULL && remembers()) {
      execution.running().function = function;
      Object before = access(Access.ATTEMPT, word, "", Order.RELAXED);
      if (before != UNCHANGED) {
        return before;
      }
    }
    return update(word, function, order);
  }

  @Override
  public final Object updateByHardware(String word, UnaryOperator<Object> function) {
    ExploredTask task = execution.running();
    task.byHardware = true;
    Object before = super.updateByHardware(word, function);
    task.byHardware = false;
    return before;
  }

  @Override
  public final Object await(Predicate<Object> condition, Order order) {
    execution.running().condition = condition;
    return access(
        Access.AWAIT,
        order.acquires() ? "smp_cond_load_acquire" : "smp_cond_load_relaxed",
        "",
        order);
  }

  @Override
  public final Object plainRead() {
    ExploredTask task = execution.running();
    Object value = latest();
    if (task.id() >= 0) {
      races.plainRead(execution, task);
      execution.accessedPlainly(task, this, value);
    }
    execution.record(TraceEvent.Kind.READ, this, name(), value);
    return value;
  }

  @Override
  public final void plainWrite(Object value) {
    ExploredTask task = execution.running();
    if (task.id() >= 0) {
      if (watched()) {
        execution.fail(
            Violation.of(
                Violation.Kind.MISUSE,
                null,
                "a watched location is written by marked accesses",
                task + " writes " + name() + " plainly"));
      }
      task.spin.acted();
      races.plainWrite(execution, task, value);
      execution.accessedPlainly(task, this, null);
    }
    store(task, value);
    execution.record(TraceEvent.Kind.WRITE, this, name() + " = " + value, value);
  }

  private Object access(Access access, String word, Object operand, Order order) {
    ExploredTask task = execution.running();
    task.word = word;
    task.operand = operand;
    task.order = order;
    boolean spins = false;
    if (access == Access.AWAIT) {
      task.spin.acted();
    } else if (access.reads() && task.id() >= 0) {
      if (task.spin.idles()) {
        execution.relax();
      }
      spins = task.spin.awaits(this);
    }
    execution.perform(this, access, spins || access == Access.AWAIT ? WAITS : 0);
    return task.value;
  }

  /// Returns whether older values than the newest may be read, so that order matters.
  abstract boolean remembers();

  /// Returns the values that `task` may still read besides the newest one, oldest first.
  List<Object> older(ExploredTask task) {
    return List.of();
  }

  /// Makes `value` the newest one, without an event.
  abstract void store(ExploredTask task, Object value);

  /// Returns whether something newer than this can be read.
  abstract boolean changedSince(long version, @Nullable Message message);

  /// Returns whether the pending event of `task` waits for something that may not come.
  final boolean waitedFor(ExploredTask task) {
    return task.kind() == Access.AWAIT || task.spin.awaits(this);
  }

  @Override
  public final String spelling(Task task) {
    ExploredTask explored = (ExploredTask) task;
    boolean writes = task.kind() == Access.WRITE;
    return explored.word + "(" + name() + (writes ? ", " + explored.operand : "") + ")";
  }

  @Override
  public final Wait waiting(Task waiter) {
    return Wait.of(name() + " is " + latest());
  }

  final ExploredTask task(Task task) {
    return (ExploredTask) task;
  }

  static Object apply(ExploredTask task, Object before) {
    UnaryOperator<Object> function = task.function;
    if (function == null) {
      throw new IllegalStateException("an update without a function");
    }
    return function.apply(before);
  }

  static boolean holds(ExploredTask task, Object value) {
    Predicate<Object> condition = task.condition;
    if (condition == null) {
      throw new IllegalStateException("a wait without a condition");
    }
    return condition.test(value);
  }
}
