// SPDX-License-Identifier: MIT
package kvmlab.machine;

import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The seam between what runs and who decides the order: primitives are written once, on this
/// class; whether an explorer, real threads or hardware moves the tasks is decided outside.
///
/// An engine belongs to one execution. Objects find it through {@link #current} when they are
/// created, so a program needs no reference to it.
public abstract class Engine {
  private static final ThreadLocal<@Nullable Engine> CURRENT = new ThreadLocal<>();

  private @Nullable Stateful context;

  /// Returns the engine of the calling thread.
  ///
  /// @throws IllegalStateException outside an execution
  public static Engine current() {
    Engine engine = CURRENT.get();
    if (engine == null) {
      throw new IllegalStateException(
          "kernel objects live inside an execution: create them in a scenario or in Lab.alone");
    }
    return engine;
  }

  static @Nullable Engine currentOrNull() {
    return CURRENT.get();
  }

  /// Makes `engine` the one that {@link #current} returns on the calling thread; null for none.
  protected static void bind(@Nullable Engine engine) {
    if (engine == null) {
      CURRENT.remove();
    } else {
      CURRENT.set(engine);
    }
  }

  /// Returns the task that is running: of those that run at the same time, the caller's.
  public abstract Task task();

  /// Returns whether tasks run at the same time. Where they do, what watches them from outside the
  /// events must guard its own state.
  public boolean concurrent() {
    return false;
  }

  /// Returns the state that the primitives keep for the whole execution, made by `initial` at first
  /// use. Tasks may use it at the same time where the engine lets them run so.
  public final synchronized <T extends Stateful> T context(Class<T> type, Supplier<T> initial) {
    Stateful known = context;
    if (known == null) {
      known = initial.get();
      context = known;
    }
    return type.cast(known);
  }

  /// Adds the state that the primitives keep for the whole execution to `into`.
  public final synchronized void describeContext(StateHash into) {
    Stateful known = context;
    into.add(known != null);
    if (known != null) {
      known.describe(into);
    }
  }

  /// Returns where the running task stands in its own life, for {@link #precedes}.
  public long now() {
    return 0;
  }

  /// Returns whether what a task did at `moment` is ordered before what the running task does now,
  /// by locks, wake-ups, releases and acquires. An engine that cannot tell returns true.
  ///
  /// @param moment what {@link #now} returned then
  public boolean precedes(long moment) {
    return true;
  }

  /// Returns the name of the memory model: `sc` or `lkmm`.
  public abstract String memoryModel();

  /// Creates a word of memory.
  public abstract Location location(String name, Object initial);

  /// Performs a memory barrier of the running task.
  public abstract void fence(Fence fence);

  /// Returns one of 0 to `alternatives` - 1: an input that the environment chooses freely.
  public abstract int choose(String what, int alternatives);

  /// Says that the calling task is between two operations of its scenario and keeps no local state
  /// over this point: what it will do is decided by its position alone.
  ///
  /// It lets an engine recognise states that differ only in what was forgotten. A local variable of
  /// the task that is used on both sides of the point makes that wrong, unless `position` tells it,
  /// too.
  ///
  /// @param position where the task is; higher than at the boundaries it has passed before
  public abstract void boundary(int position);

  /// Ends the execution with a verdict. Returns never to a task.
  public abstract void fail(Violation violation);

  /// Says that the calling task spins: it goes round a loop that reads until something has changed.
  ///
  /// The engine may keep the task waiting until one of the values that it has read since it said so
  /// last has changed. A loop that gives up by itself goes on when nobody else can move.
  public abstract void relax();

  /// Says that a declared bound of the model has been hit, for example a limit on retries: what
  /// would come after is not looked at, and the result of an exploration names it.
  ///
  /// @param what the bound as a noun phrase: `at most 3 faults of one guest access`
  public abstract void bounded(String what);

  /// Returns whether the execution is being recorded.
  public abstract boolean tracing();

  /// Adds a line to the trace of the running task. `text` is asked only when tracing.
  public abstract void note(TraceEvent.Kind kind, Supplier<String> text);

  /// Returns the stamp that publishes nothing: of a lock that nobody has released yet.
  public abstract Stamp nothing();

  /// Notes that the running task is about to use memory that is no location: see {@link
  /// PlainAccess}. An engine that cannot tell a race does nothing.
  ///
  /// @param memory the object
  /// @param part the name of a field, the index of an element, or {@link PlainAccess#WHOLE}
  /// @param where the place in the source
  protected void plainAccess(Object memory, Object part, PlainAccess.Use use, String where) {}

  /// Notes that whoever uses `view` also uses `origin`.
  protected void plainView(Object view, Object origin) {}

  /// Notes that the field `name` holds `memory`, for reports.
  protected void plainName(Object memory, String name) {}

  /// Notes that a loop of the running code starts over.
  ///
  /// @param where the place in the source
  protected void loop(String where) {}

  /// Returns the number of a new object, which is still under construction: the n-th that its task
  /// creates.
  protected abstract int register(SharedObject object);

  protected abstract long perform(SharedObject object, Kind kind, long argument);

  protected abstract void block(Task task);

  protected abstract void grant(Task task);

  /// Answers a question about the state of `object` that is asked outside its events. Where tasks
  /// run at the same time, nobody performs an event of it meanwhile.
  protected boolean ask(SharedObject object, BooleanSupplier question) {
    return question.getAsBoolean();
  }

  protected abstract Task spawn(String name, Runnable body);

  protected abstract Stamp publish(Task task);

  protected abstract void observe(Task task, Stamp stamp);

  protected Stamp publishUnlock(Task task) {
    return publish(task);
  }

  protected void observeLock(Task task, Stamp stamp) {
    observe(task, stamp);
  }
}
