// SPDX-License-Identifier: MIT
package kvmlab.press;

import java.util.ArrayList;
import java.util.List;

/// Breaks a line of C where a reader would: after a blank, a comma, a bracket, an arrow, or an
/// underscore, in this order of preference; in the middle of a word only when nothing else is left.
final class Wrap {

  private static final String[] PLACES = {" ", ",", "(", "->", "_"};

  private Wrap() {}

  /// @param room how many characters fit in a line
  static List<String> at(String line, int room) {
    List<String> lines = new ArrayList<>();
    String rest = line;
    while (rest.length() > room) {
      int end = end(rest, room);
      lines.add(rest.substring(0, end).stripTrailing());
      rest = rest.substring(end).stripLeading();
    }
    lines.add(rest);
    return lines;
  }

  private static int end(String line, int room) {
    for (String place : PLACES) {
      // A blank at the end takes no room.
      int last = place.isBlank() ? room : room - place.length();
      int at = line.lastIndexOf(place, last);
      if (at > room / 3) {
        return at + place.length();
      }
    }
    return room;
  }
}
