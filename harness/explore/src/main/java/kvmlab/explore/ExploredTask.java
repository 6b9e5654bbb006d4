// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import kvmlab.machine.Kind;
import kvmlab.machine.Location;
import kvmlab.machine.Order;
import kvmlab.machine.SharedObject;
import kvmlab.machine.StateHash;
import org.jspecify.annotations.Nullable;

/// A task of one execution.
final class ExploredTask extends kvmlab.machine.Task {

  /// Where a task stands when another one runs.
  enum Status {
    /// Has local work to do before its next event: new, or granted and not resumed.
    LOCAL,
    /// Has announced its next event.
    READY,
    /// Has requested something and waits for the grant.
    BLOCKED,
    /// Has ended.
    DONE
  }

  final @Nullable Runnable body;
  @Nullable Coroutine coroutine;
  Status status = Status.LOCAL;
  int depth;

  /// How many objects, and how many tasks, it has created.
  int created;

  int spawned;

  /// When it moved last, as a number of events.
  int movedAt;

  final Spin spin;

  /// The operand of a pending memory access, and the value that it returned.
  Object operand = "";

  Order order = Order.RELAXED;
  String word = "";
  @Nullable UnaryOperator<Object> function;
  @Nullable Predicate<Object> condition;
  Object value = "";

  /// Whether the access is the hardware's, on behalf of the task.
  boolean byHardware;

  /// Whether the value was not the newest.
  boolean stale;

  /// The clock of everything that happens before the next event, for race reversal.
  int[] before = Clock.ZERO;

  /// The clock of everything that is synchronised with the next step, for data races.
  int[] synced = Clock.ZERO;

  /// What the task knows of memory; null where memory has one value only.
  @Nullable Knowledge knowledge;

  /// What the task has learnt since it was last at a boundary, where an engine keeps account of it:
  /// the results of its events and its plain reads.
  final StateHash history = new StateHash();

  private int position;
  private int performed;

  /// The task that created this one, if any, and how far that one had come.
  @Nullable ExploredTask creator;

  long createdAt;

  ExploredTask(int id, String name, @Nullable Runnable body, Spin spin) {
    super(id, name);
    this.body = body;
    this.spin = spin;
  }

  void announce(SharedObject next, Kind nextKind, long nextArgument) {
    object = next;
    kind = nextKind;
    argument = nextArgument;
    result = 0;
    status = Status.READY;
  }

  long result() {
    return result;
  }

  void createdBy(ExploredTask task) {
    creator = task;
    createdAt = task.progress();
  }

  void boundary(int next) {
    if (next <= position) {
      throw new IllegalArgumentException(
          "positions of a task rise: " + next + " comes after " + position);
    }
    position = next;
    performed = 0;
    history.clear();
  }

  void performed() {
    performed++;
  }

  /// Returns how far the task has come: rises with each event and each boundary.
  long progress() {
    return (long) position << 32 | performed;
  }

  /// Adds what decides the future of the task to `into`.
  void describe(StateHash into) {
    into.add(status.ordinal());
    into.add(position);
    into.add(history.low());
    into.add(history.high());
    into.add(argument);
    into.add(created);
    into.add(spawned);
    spin.describe(into);
    describeContext(into);
  }

  Knowledge knowledge() {
    Knowledge known = knowledge;
    if (known == null) {
      throw new IllegalStateException(this + " runs where memory has one value only");
    }
    return known;
  }

  SharedObject pending() {
    SharedObject pending = object;
    if (pending == null) {
      throw new IllegalStateException(this + " has no pending event");
    }
    return pending;
  }

  boolean enabled() {
    return status == Status.READY && pending().enabled(this);
  }

  /// Returns whether the pending events of the two tasks may not be exchanged, whatever an explorer
  /// makes of messages.
  boolean pendingDependsOn(ExploredTask other) {
    SharedObject mine = pending();
    SharedObject others = other.pending();
    if (mine == others) {
      return !mine.commutes(kind(), other.kind());
    }
    return mine instanceof Location one
        && others instanceof Location two
        && one.watched()
        && two.watched()
        && ((Location.Access) kind()).writes()
        && ((Location.Access) other.kind()).writes();
  }

  /// Returns whether the pending event is a read that waits: for a condition, or in a loop that
  /// spins for something new.
  boolean waits() {
    return argument != 0 && object instanceof ExploredLocation place && place.waitedFor(this);
  }

  /// Returns whether the pending event is a read in a loop that spins, and spins in vain.
  boolean spinsInVain() {
    return status == Status.READY
        && argument != 0
        && object instanceof ExploredLocation place
        && spin.awaits(place)
        && !place.enabled(this);
  }

  /// Returns whether the pending event reads a location that keeps more than its newest value, so
  /// that a later write gives it another alternative.
  boolean pendingChoosesMessage() {
    return object instanceof ViewLocation && ((Location.Access) kind()).reads();
  }
}
