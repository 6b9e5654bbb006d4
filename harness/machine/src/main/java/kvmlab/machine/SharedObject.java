// SPDX-License-Identifier: MIT
package kvmlab.machine;

import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Something that tasks share: a lock, a wait queue, a memory location.
///
/// A shared object declares its events, performs them one at a time, and says which pairs of them
/// commute. That is all that an explorer needs to know of it.
///
/// A blocking acquisition is two things: a _request_, which is an event that is always possible and
/// takes its place in the queue ({@link #block}), and a _grant_, which the releasing task makes
/// ({@link #grant}). So no event is ever disabled, except a conditional one ({@link #enabled}).
public abstract class SharedObject implements Stateful {
  /// The engine that performs the events of this object.
  protected final Engine engine;

  private final String name;
  private final int id;

  /// Registers the object with the engine of the calling thread.
  ///
  /// @param name the kernel's name, as reports print it
  @SuppressWarnings("this-escape") // The engine looks at the object when it is complete.
  protected SharedObject(String name) {
    this.engine = Engine.current();
    this.name = name;
    this.id = engine.register(this);
  }

  /// Returns whether exchanging two neighbouring events of different tasks on this object leads to
  /// the same state and the same results. Symmetric. When in doubt, false is right.
  public abstract boolean commutes(Kind one, Kind other);

  /// Performs the pending event of `task`. Called by the engine only, never concurrently.
  public abstract void execute(Task task);

  /// Returns whether the pending event of `task` is possible now. False only for conditional
  /// events, such as waiting for a value.
  public boolean enabled(Task task) {
    return true;
  }

  /// Returns the C spelling of the pending event of `task`, for traces.
  public String spelling(Task task) {
    return task.kind().word() + "(" + name + ")";
  }

  /// Returns what the event that `task` has just performed did, for traces: `acquired`, `released`;
  /// null where the spelling says it all.
  public @Nullable String effect(Task task) {
    return null;
  }

  /// Returns why `waiter`, which is stuck on this object, does not go on.
  public Wait waiting(Task waiter) {
    return Wait.of("");
  }

  /// Returns whether a trace leaves the events of this object out: they are the model's, not the
  /// kernel's.
  public boolean quiet() {
    return false;
  }

  /// Returns the kernel's name.
  public final String name() {
    return name;
  }

  /// Returns the number of the object: equal in every execution that replays the same schedule.
  public final int id() {
    return id;
  }

  /// Announces an event, waits until the engine picks the calling task, and performs it.
  ///
  /// @return the result set by {@link #execute}
  protected final long perform(Kind kind, long argument) {
    return engine.perform(this, kind, argument);
  }

  /// Suspends `task` after its event until {@link #grant} is called for it.
  protected final void block(Task task) {
    engine.block(task);
  }

  /// Lets a blocked `task` go on.
  protected final void grant(Task task) {
    engine.grant(task);
  }

  /// Starts a new task, which runs `body`. Called while an event is being performed; nothing is
  /// ordered by it but what {@link #observe} orders.
  protected final Task spawn(String taskName, Runnable body) {
    return engine.spawn(taskName, body);
  }

  /// Answers a question about the state of this object outside its events, of which none is being
  /// performed meanwhile. A field that a task alone writes with its own name needs no asking.
  protected final boolean ask(BooleanSupplier question) {
    return engine.ask(this, question);
  }

  /// Returns what `task`, which performs an event now, publishes by it: release semantics.
  protected final Stamp publish(Task task) {
    return engine.publish(task);
  }

  /// Orders everything that `stamp` published before what `task` does next: acquire semantics.
  protected final void observe(Task task, Stamp stamp) {
    engine.observe(task, stamp);
  }

  /// Does what {@link #publish} does, by releasing a lock. With the next {@link #observeLock} of
  /// the same task, or the one that observes this stamp, it orders more than a release and an
  /// acquire do: whoever never takes the lock sees the writes of one owner before those of the
  /// next.
  protected final Stamp publishUnlock(Task task) {
    return engine.publishUnlock(task);
  }

  /// Does what {@link #observe} does, by taking a lock: see {@link #publishUnlock}.
  protected final void observeLock(Task task, Stamp stamp) {
    engine.observeLock(task, stamp);
  }

  @Override
  public String toString() {
    return name;
  }
}
