// SPDX-License-Identifier: MIT
package kvmlab.kernel.memory;

import java.util.Arrays;
import java.util.List;

/// A relation between the events of one execution, as a bit matrix; sets of events are bit masks.
/// The operators are those of the cat language. Relations are never changed in place.
final class Relation {
  private final long[] rows;

  private Relation(long[] rows) {
    this.rows = rows;
  }

  /// A set of pairs.
  @FunctionalInterface
  interface Pairs {
    boolean contains(int from, int to);
  }

  static Relation empty(int events) {
    return new Relation(new long[events]);
  }

  static Relation of(int events, Pairs pairs) {
    long[] rows = new long[events];
    for (int i = 0; i < events; i++) {
      for (int j = 0; j < events; j++) {
        if (pairs.contains(i, j)) {
          rows[i] |= 1L << j;
        }
      }
    }
    return new Relation(rows);
  }

  static Relation of(int events, List<int[]> pairs) {
    long[] rows = new long[events];
    for (int[] pair : pairs) {
      rows[pair[0]] |= 1L << pair[1];
    }
    return new Relation(rows);
  }

  /// From each number of `order` to all that follow it.
  static Relation total(int events, int[] order) {
    long[] rows = new long[events];
    long later = 0;
    for (int i = order.length - 1; i >= 0; i--) {
      rows[order[i]] = later;
      later |= 1L << order[i];
    }
    return new Relation(rows);
  }

  /// From the source of each of `targets` to it.
  static Relation sources(int events, int[] targets, int[] sources) {
    long[] rows = new long[events];
    for (int target : targets) {
      rows[sources[target]] |= 1L << target;
    }
    return new Relation(rows);
  }

  boolean contains(int from, int to) {
    return (rows[from] >>> to & 1) != 0;
  }

  /// `this ; next`.
  Relation then(Relation next) {
    long[] result = new long[rows.length];
    for (int i = 0; i < rows.length; i++) {
      for (long rest = rows[i]; rest != 0; rest &= rest - 1) {
        result[i] |= next.rows[Long.numberOfTrailingZeros(rest)];
      }
    }
    return new Relation(result);
  }

  /// `this | others`.
  Relation or(Relation... others) {
    long[] result = rows.clone();
    for (Relation other : others) {
      for (int i = 0; i < result.length; i++) {
        result[i] |= other.rows[i];
      }
    }
    return new Relation(result);
  }

  /// `this & other`.
  Relation and(Relation other) {
    long[] result = rows.clone();
    for (int i = 0; i < result.length; i++) {
      result[i] &= other.rows[i];
    }
    return new Relation(result);
  }

  /// `this \ other`.
  Relation minus(Relation other) {
    long[] result = rows.clone();
    for (int i = 0; i < result.length; i++) {
      result[i] &= ~other.rows[i];
    }
    return new Relation(result);
  }

  /// `this \ id`.
  Relation minusIdentity() {
    long[] result = rows.clone();
    for (int i = 0; i < result.length; i++) {
      result[i] &= ~(1L << i);
    }
    return new Relation(result);
  }

  /// `[set] ; this`.
  Relation from(long set) {
    long[] result = rows.clone();
    for (int i = 0; i < result.length; i++) {
      if ((set >>> i & 1) == 0) {
        result[i] = 0;
      }
    }
    return new Relation(result);
  }

  /// `this ; [set]`.
  Relation to(long set) {
    long[] result = rows.clone();
    for (int i = 0; i < result.length; i++) {
      result[i] &= set;
    }
    return new Relation(result);
  }

  /// `this^-1`.
  Relation inverse() {
    long[] result = new long[rows.length];
    for (int i = 0; i < rows.length; i++) {
      for (long rest = rows[i]; rest != 0; rest &= rest - 1) {
        result[Long.numberOfTrailingZeros(rest)] |= 1L << i;
      }
    }
    return new Relation(result);
  }

  /// `this?`.
  Relation optional() {
    long[] result = rows.clone();
    for (int i = 0; i < result.length; i++) {
      result[i] |= 1L << i;
    }
    return new Relation(result);
  }

  /// `this+`.
  Relation plus() {
    long[] result = rows.clone();
    for (int via = 0; via < result.length; via++) {
      for (int i = 0; i < result.length; i++) {
        if ((result[i] >>> via & 1) != 0) {
          result[i] |= result[via];
        }
      }
    }
    return new Relation(result);
  }

  /// `this*`.
  Relation star() {
    return plus().optional();
  }

  boolean isEmpty() {
    for (long row : rows) {
      if (row != 0) {
        return false;
      }
    }
    return true;
  }

  boolean irreflexive() {
    for (int i = 0; i < rows.length; i++) {
      if (contains(i, i)) {
        return false;
      }
    }
    return true;
  }

  boolean acyclic() {
    return plus().irreflexive();
  }

  boolean sameAs(Relation other) {
    return Arrays.equals(rows, other.rows);
  }
}
