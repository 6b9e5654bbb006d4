// SPDX-License-Identifier: MIT
package kvmlab.machine;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A fingerprint of a state, 128 bits wide: two halves, mixed independently, of the values added to
/// it one after the other.
///
/// Why 128 bits. An explorer drops a state whose fingerprint it has seen, so two states with one
/// fingerprint would hide behaviour. Among a hundred million states the probability of that is
/// below 2^-74; with 64 bits it would be 2^-11.
public final class StateHash {
  private static final long LOW_SEED = 0x9e3779b97f4a7c15L;
  private static final long HIGH_SEED = 0xd1b54a32d192ed03L;
  private static final long LOW_FACTOR = 0xff51afd7ed558ccdL;
  private static final long HIGH_FACTOR = 0xc4ceb9fe1a85ec53L;

  /// What tells values of different types apart.
  private enum Type {
    WHOLE,
    TRUTH,
    TEXT,
    ENUM,
    LIST,
    UNCHANGED,
    TASK,
    OBJECT,
    PART
  }

  private long low = LOW_SEED;
  private long high = HIGH_SEED;

  /// Forgets everything added so far.
  public void clear() {
    low = LOW_SEED;
    high = HIGH_SEED;
  }

  /// Returns one half of the fingerprint.
  public long low() {
    return low;
  }

  /// Returns the other half of the fingerprint.
  public long high() {
    return high;
  }

  /// Adds a number.
  public void add(long value) {
    low = (low ^ value) * LOW_FACTOR;
    low ^= low >>> 32;
    high = (high + value) * HIGH_FACTOR;
    high ^= high >>> 29;
  }

  /// Adds a truth value.
  public void add(boolean value) {
    add(value ? 1 : 0);
  }

  /// Adds a reference to a task, or to none.
  public void add(@Nullable Task task) {
    add(task == null ? -2 : task.id());
  }

  /// Adds the state of a part.
  public void add(Stateful part) {
    part.describe(this);
  }

  /// Adds elements whose order does not matter; each may occur several times.
  public void addSet(Iterable<?> elements) {
    long lowBefore = low;
    long highBefore = high;
    long lowSum = 0;
    long highSum = 0;
    int count = 0;
    for (Object element : elements) {
      clear();
      addValue(element);
      // A second round, so that the sums of different sets are unrelated.
      add(HIGH_SEED);
      lowSum += low;
      highSum += high;
      count++;
    }
    low = lowBefore;
    high = highBefore;
    add(count);
    add(lowSum);
    add(highSum);
  }

  /// Adds what a memory location may hold: a number, a truth value, a text, an enum constant, a
  /// task, a list of such values, a {@link Stateful} part by its state, a shared object by its
  /// number.
  ///
  /// @throws IllegalArgumentException when `value` is something else: nothing tells its state
  public void addValue(Object value) {
    switch (value) {
      case Long number -> add(Type.WHOLE, number);
      case Integer number -> add(Type.WHOLE, number);
      case Boolean truth -> add(Type.TRUTH, truth ? 1 : 0);
      case String text -> {
        add(Type.TEXT, text.length());
        text.chars().forEach(this::add);
      }
      case Enum<?> constant -> {
        add(Type.ENUM, constant.getDeclaringClass().getName().hashCode());
        add(constant.ordinal());
      }
      case Object nothing when nothing == Location.UNCHANGED -> add(Type.UNCHANGED, 0);
      case Task task -> add(Type.TASK, task.id());
      case SharedObject object -> add(Type.OBJECT, object.id());
      case Stateful part -> {
        add(Type.PART, part.getClass().getName().hashCode());
        part.describe(this);
      }
      case List<?> list -> {
        add(Type.LIST, list.size());
        list.forEach(this::addValue);
      }
      default ->
          throw new IllegalArgumentException(
              "nothing tells the state of a "
                  + value.getClass().getName()
                  + ": it is no "
                  + Stateful.class.getSimpleName());
    }
  }

  private void add(Type type, long value) {
    add(type.ordinal());
    add(value);
  }
}
