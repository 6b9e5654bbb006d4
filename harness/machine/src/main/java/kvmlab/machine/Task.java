// SPDX-License-Identifier: MIT
package kvmlab.machine;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A thread of the simulated machine, with the event that it is about to perform.
///
/// The pending event is written by the engine and read by the shared object that performs it.
public abstract class Task {
  private final int id;
  private final String name;
  private @Nullable Stateful context;

  /// The pending event: on which object, of which kind, with which argument.
  protected @Nullable SharedObject object;

  protected @Nullable Kind kind;
  protected long argument;

  /// The result of the event that was performed last.
  protected long result;

  protected Task(int id, String name) {
    this.id = id;
    this.name = name;
  }

  /// Returns the number of the task, counted from 0 in order of creation; -1 while a scenario is
  /// being built or inspected.
  public final int id() {
    return id;
  }

  /// Returns the name under which reports show the task.
  public final String name() {
    return name;
  }

  /// Returns the object of the pending event, or null before the first one.
  public final @Nullable SharedObject object() {
    return object;
  }

  /// Returns the kind of the pending event.
  public final Kind kind() {
    Kind pending = kind;
    if (pending == null) {
      throw new IllegalStateException(name + " has no pending event");
    }
    return pending;
  }

  /// Returns the argument of the pending event.
  public final long argument() {
    return argument;
  }

  /// Sets what the performed event returns to its caller.
  public final void result(long value) {
    result = value;
  }

  /// Returns the state that the primitives keep for this task, made by `initial` at first use.
  public final <T extends Stateful> T context(Class<T> type, Supplier<T> initial) {
    Stateful known = context;
    if (known == null) {
      known = initial.get();
      context = known;
    }
    return type.cast(known);
  }

  /// Adds the state that the primitives keep for this task to `into`.
  public final void describeContext(StateHash into) {
    Stateful known = context;
    into.add(known != null);
    if (known != null) {
      known.describe(into);
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
