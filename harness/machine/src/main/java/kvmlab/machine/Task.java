// SPDX-License-Identifier: MIT
package kvmlab.machine;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A thread of the simulated machine, with the event that it is about to perform.
///
/// The pending event is written by the engine and read by the shared object that performs it.
public abstract class Task {
  private final int id;
  private final String name;
  private @Nullable Context context;
  private List<String> calls = List.of();

  /// The pending event: on which object, of which kind, with which argument.
  protected @Nullable SharedObject object;

  protected @Nullable Kind kind;
  protected long argument;

  /// The result of the event that was performed last.
  protected long result;

  /// What the primitives keep for a task.
  public interface Context extends Stateful {

    /// Called on behalf of `task` when its body has ended as it should.
    void exit(Task task);

    /// Returns what a report says of what the task holds, line by line.
    List<String> held(Task task);
  }

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
  public final <T extends Context> T context(Class<T> type, Supplier<T> initial) {
    Context known = context;
    if (known == null) {
      known = initial.get();
      context = known;
    }
    return type.cast(known);
  }

  /// Adds the state that the primitives keep for this task to `into`.
  public final void describeContext(StateHash into) {
    Context known = context;
    into.add(known != null);
    if (known != null) {
      known.describe(into);
    }
  }

  /// Returns what a report says of what the task holds, line by line.
  public final List<String> held() {
    Context known = context;
    return known == null ? List.of() : known.held(this);
  }

  /// Returns the traced calls that the task is in, outermost first. Empty unless a trace is being
  /// recorded.
  public final List<String> calls() {
    return calls;
  }

  /// Notes that the task has entered a call. For engines, while they record a trace.
  public final void enter(String call) {
    List<String> deeper = new ArrayList<>(calls);
    deeper.add(call);
    calls = List.copyOf(deeper);
  }

  /// Notes that the task has left the call that it entered last.
  public final void leave() {
    calls = List.copyOf(calls.subList(0, calls.size() - 1));
  }

  /// Tells the primitives that the task has come to its end. For engines.
  public final void exit() {
    Context known = context;
    if (known != null) {
      known.exit(this);
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
