// SPDX-License-Identifier: MIT
package kvmlab.machine;

import java.util.BitSet;
import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import java.util.Spliterator;
import java.util.StringJoiner;
import java.util.stream.BaseStream;
import org.jspecify.annotations.Nullable;

/// What instrumented code calls when it touches memory that is no {@link Location}: fields that are
/// not final, array elements, and mutable objects of the JDK. The engine is told, and decides what
/// to make of it. Outside an execution nothing is done.
///
/// An object of the JDK is one piece of memory, read or written as a whole by each call. A view of
/// it, such as an iterator or a key set, is used together with what it shows.
///
/// `where` is a place in the source, `RetryingFault.java:33 in directPageFault`.
public final class PlainAccess {
  /// The part of an object that is all of it.
  public static final Object WHOLE =
      new Object() {
        @Override
        public String toString() {
          return "";
        }
      };

  private static final ClassValue<Boolean> MUTABLE =
      new ClassValue<>() {
        @Override
        protected Boolean computeValue(Class<?> type) {
          return type.isArray() || isMutable(type);
        }
      };

  private PlainAccess() {}

  /// How memory is used.
  public enum Use {
    READ,
    WRITE,
    /// Changes a view, an iterator for example, and reads what it shows.
    ADVANCE;

    /// Returns whether the memory itself is changed.
    public boolean writes() {
      return this != READ;
    }

    /// Returns how what a view shows is used when the view is used so.
    public Use ofOrigin() {
      return this == ADVANCE ? READ : this;
    }
  }

  /// Called before the field `part` of `owner` is read, or an element of an array by its index.
  public static void read(@Nullable Object owner, Object part, String where) {
    note(owner, part, Use.READ, where);
  }

  /// Called before the field `part` of `owner` is written, or an element of an array by its index.
  public static void write(@Nullable Object owner, Object part, String where) {
    note(owner, part, Use.WRITE, where);
  }

  /// Called before the element `index` of `array` is read.
  public static void readElement(@Nullable Object array, int index, String where) {
    note(array, index, Use.READ, where);
  }

  /// Called before the element `index` of `array` is written.
  public static void writeElement(@Nullable Object array, int index, String where) {
    note(array, index, Use.WRITE, where);
  }

  /// Called before code that is not instrumented reads `operand`, if that is a mutable object.
  public static void readObject(@Nullable Object operand, String where) {
    noteObject(operand, Use.READ, where);
  }

  /// Called before code that is not instrumented changes `operand`, if that is a mutable object.
  public static void writeObject(@Nullable Object operand, String where) {
    noteObject(operand, Use.WRITE, where);
  }

  /// Called before code that is not instrumented moves `operand` on, if that is an iterator or a
  /// stream.
  public static void advanceObject(@Nullable Object operand, String where) {
    noteObject(operand, Use.ADVANCE, where);
  }

  /// Called when `result` was had from `origin`, if it may be a view of it.
  public static void view(@Nullable Object result, @Nullable Object origin) {
    Engine engine = Engine.currentOrNull();
    if (engine != null
        && result != null
        && origin != null
        && result != origin
        && MUTABLE.get(result.getClass())
        && MUTABLE.get(origin.getClass())
        && !(origin instanceof Iterator && !(result instanceof Map.Entry))) {
      engine.plainView(result, origin);
    }
  }

  /// Called before `value` is stored in the field `name`.
  public static void named(@Nullable Object value, String name) {
    Engine engine = Engine.currentOrNull();
    if (engine != null && value != null && MUTABLE.get(value.getClass())) {
      engine.plainName(value, name);
    }
  }

  /// Called each time that a loop starts over.
  public static void loop(String where) {
    Engine engine = Engine.currentOrNull();
    if (engine != null) {
      engine.loop(where);
    }
  }

  private static void noteObject(@Nullable Object operand, Use use, String where) {
    if (operand != null && MUTABLE.get(operand.getClass())) {
      note(operand, WHOLE, use, where);
    }
  }

  private static void note(@Nullable Object memory, Object part, Use use, String where) {
    Engine engine = Engine.currentOrNull();
    if (engine != null && memory != null) {
      engine.plainAccess(memory, part, use, where);
    }
  }

  /// Whether objects of the type have state that the JDK keeps, not the type itself.
  private static boolean isMutable(Class<?> type) {
    Class<?> jdk = type;
    while (!jdk.getName().startsWith("java.")) {
      jdk = jdk.getSuperclass();
    }
    boolean immutable = jdk.getName().startsWith("java.util.ImmutableCollections");
    return !immutable
        && (Collection.class.isAssignableFrom(jdk)
            || Map.class.isAssignableFrom(jdk)
            || Map.Entry.class.isAssignableFrom(jdk)
            || Iterator.class.isAssignableFrom(jdk)
            || Spliterator.class.isAssignableFrom(jdk)
            || BaseStream.class.isAssignableFrom(jdk)
            || jdk == BitSet.class
            || jdk == StringBuilder.class
            || jdk == StringJoiner.class);
  }
}
