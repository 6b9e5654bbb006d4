// SPDX-License-Identifier: MIT
package kvmlab.explore;

import org.jspecify.annotations.Nullable;

/// A write, in the modification order of its location.
///
/// A write may be placed below newer ones, so positions move; messages are compared by their
/// current position.
final class Message {
  final ViewLocation location;
  final Object value;

  /// Names the message across interleavings: its writer and the how-many-th write of it.
  final int key;

  final int writer;

  /// The place in the modification order now.
  int position;

  /// What a reader learns: see {@link ViewLocation}.
  Message[] view = Views.NONE;

  Message[] global = Views.NONE;
  int[] synced = Clock.ZERO;

  /// The clock of the writing event, and its depth in the exploration; -1 for an initial value.
  int[] clock = Clock.ZERO;

  int event = -1;

  /// Whether an update sits directly after this message, so that no write may come in between.
  boolean taken;

  Message(ViewLocation location, Object value, int writer, int nth) {
    this.location = location;
    this.value = value;
    this.writer = writer;
    this.key = (writer + 1 << 16) + nth;
  }

  static boolean contains(int @Nullable [] keys, int key) {
    if (keys != null) {
      for (int each : keys) {
        if (each == key) {
          return true;
        }
      }
    }
    return false;
  }
}
