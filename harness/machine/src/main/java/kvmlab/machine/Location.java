// SPDX-License-Identifier: MIT
package kvmlab.machine;

import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// A word of memory. The engine decides what a read may return.
///
/// Marked accesses (`read`, `write`, `update`, `await`) are events. Plain accesses are not: the
/// engine checks them for data races instead, and where there is none, their position between two
/// events does not matter.
public abstract class Location extends SharedObject {
  /// What the function of {@link #tryUpdate} returns to write nothing: a failed `cmpxchg`.
  public static final Object UNCHANGED = Unchanged.UNCHANGED;

  /// No value of a program; an enum, so that engines can hash what a task has seen.
  private enum Unchanged {
    UNCHANGED
  }

  private boolean watched;
  private boolean hidden;
  private @Nullable SharedObject guard;

  /// The kinds of marked access.
  public enum Access implements Kind {
    READ("READ_ONCE", true, false),
    WRITE("WRITE_ONCE", false, true),
    UPDATE("xchg", true, true),
    /// The read of a fully ordered conditional update that comes before its first barrier: fails,
    /// or leaves all to the update.
    ATTEMPT("cmpxchg", true, false),
    AWAIT("smp_cond_load", true, false);

    private final String word;
    private final boolean reads;
    private final boolean writes;

    Access(String word, boolean reads, boolean writes) {
      this.word = word;
      this.reads = reads;
      this.writes = writes;
    }

    @Override
    public String word() {
      return word;
    }

    public boolean reads() {
      return reads;
    }

    public boolean writes() {
      return writes;
    }
  }

  protected Location(String name) {
    super(name);
  }

  /// Returns the value that the engine lets the calling task read.
  public final Object read(Order order) {
    return read(order.acquires() ? "smp_load_acquire" : Access.READ.word(), order);
  }

  /// Returns the value that the engine lets the calling task read.
  ///
  /// @param word the kernel's word for the operation, for example `srcu_dereference`
  public abstract Object read(String word, Order order);

  public final void write(Object value, Order order) {
    write(order.releases() ? "smp_store_release" : Access.WRITE.word(), value, order);
  }

  /// Writes `value`.
  ///
  /// @param word the kernel's word for the operation, for example `rcu_assign_pointer`
  public abstract void write(String word, Object value, Order order);

  /// Replaces the value atomically and returns the one before.
  ///
  /// @param word the kernel's word for the operation, for example `xchg`
  public abstract Object update(String word, UnaryOperator<Object> function, Order order);

  /// Replaces the value atomically and returns the one before. When `function` returns {@link
  /// #UNCHANGED}, nothing is written and nothing is ordered.
  ///
  /// @param word the kernel's word for the operation, for example `cmpxchg`
  public Object tryUpdate(String word, UnaryOperator<Object> function, Order order) {
    return update(word, function, order);
  }

  /// Replaces the value atomically, as the hardware does on behalf of the calling task, and returns
  /// the one before; {@link #UNCHANGED} as in {@link #tryUpdate}. Orders nothing.
  ///
  /// An event like any other, but no access of the task: no data race, whatever the software does
  /// meanwhile. A plain read that nothing orders against it returns the value before it or the one
  /// after, and one of the two only is tried: what software does must not depend on which.
  ///
  /// @param word the kernel's word for the operation, for example `cmpxchg`
  public Object updateByHardware(String word, UnaryOperator<Object> function) {
    return tryUpdate(word, function, Order.RELAXED);
  }

  /// Blocks until `condition` holds for a value that the calling task may read; returns it.
  public abstract Object await(Predicate<Object> condition, Order order);

  public abstract Object plainRead();

  public abstract void plainWrite(Object value);

  /// Returns the newest value, whoever asks. For invariants and reports, never for programs.
  public abstract Object latest();

  /// The newest value. An engine that keeps more than that cannot say its state so.
  @Override
  public void describe(StateHash into) {
    into.addValue(latest());
  }

  /// Declares that an invariant looks at this location after every event.
  ///
  /// An explorer that exchanges two events of different tasks on different objects visits other
  /// states in between. Writes of watched locations are therefore ordered among each other, so that
  /// every combination of their values is visited. A plain write is no event that could be ordered
  /// so: to write a watched location plainly is a misuse.
  public final void watch() {
    watched = true;
  }

  /// Returns whether an invariant looks at this location after every event.
  public final boolean watched() {
    return watched;
  }

  /// Declares that `lock` guards this location, and that this is checked at every write and every
  /// plain read: so these need no other proof that they do not race among each other.
  public final void guard(SharedObject lock) {
    guard = lock;
  }

  /// Returns the lock that guards this location, or null.
  public final @Nullable SharedObject guard() {
    return guard;
  }

  /// Returns whether a lock guards this location.
  public final boolean guarded() {
    return guard != null;
  }

  /// Declares that traces leave out what is done with this location: it belongs to the model, or it
  /// tells a reader nothing.
  public final void hide() {
    hidden = true;
  }

  @Override
  public final boolean quiet() {
    return hidden;
  }

  @Override
  public final boolean commutes(Kind one, Kind other) {
    return !((Access) one).writes() && !((Access) other).writes();
  }
}
