// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Views: for each location, the oldest message that may still be read. A view is an array by
/// location number; a missing or null entry is the initial message. Views are never changed in
/// place.
final class Views {
  static final Message[] NONE = {};

  private Views() {}

  /// Returns the position of the view in the modification order of a location.
  static int position(Message[] view, int location) {
    if (location >= view.length) {
      return 0;
    }
    @Nullable Message at = view[location];
    return at == null ? 0 : at.position;
  }

  /// Returns the later of the two views at each location; one of the arguments where it is that.
  static Message[] join(Message[] one, Message[] other) {
    if (other == one || other.length == 0) {
      return one;
    }
    if (one.length == 0) {
      return other;
    }
    Message[] result = one;
    for (int i = 0; i < other.length; i++) {
      @Nullable Message there = other[i];
      if (there != null && there.position > position(result, i)) {
        if (result == one) {
          result = Arrays.copyOf(one, Math.max(one.length, other.length));
        }
        result[i] = there;
      }
    }
    return result;
  }

  /// Returns the view moved up to `message` at its location.
  static Message[] with(Message[] view, Message message) {
    int location = message.location.index;
    if (location < view.length) {
      @Nullable Message at = view[location];
      if (at == message || at != null && at.position >= message.position) {
        return view;
      }
    }
    if (message.position == 0) {
      return view;
    }
    Message[] result = Arrays.copyOf(view, Math.max(view.length, location + 1));
    result[location] = message;
    return result;
  }
}
