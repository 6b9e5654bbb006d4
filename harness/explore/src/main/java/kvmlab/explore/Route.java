// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.ArrayList;
import java.util.List;

/// The way to one execution, told by landmarks: where it departs from the default, which is to go
/// on with the running task, else with the lowest, and to take the first alternative.
///
/// A {@link Schedule} counts decisions, so any event that is added or taken away shifts it. A route
/// says what the task was about to do: on which object, what, and for which time since the last
/// turn. So it leads to the same place in a program that has changed elsewhere, and where a
/// landmark is gone, that can be said in words.
public final class Route {

  /// The route that takes no turn.
  public static final Route STRAIGHT = new Route(List.of());

  /// How a turn departs from the default.
  enum Kind {
    /// Begin with task {@code choice}.
    START,
    /// Before the landmark, {@code choice} takes over.
    INTERRUPT,
    /// When the task cannot go on for the n-th time, {@code choice} takes over.
    STOP,
    /// At the landmark, the task takes an alternative.
    ALTERNATIVE
  }

  /// One departure.
  ///
  /// @param task the task that comes to the landmark
  /// @param choice the task that takes over, or the number of the alternative
  /// @param landmark a hash of what the task is about to do; see {@link Landmarks}
  /// @param nth how often the task comes there, counted from the turn before
  record Turn(Kind kind, int task, int choice, int landmark, int nth) {}

  // The text. Letters that are no digits say what follows; none is an interruption:
  //   i TO | FROM TO LANDMARK [. NTH] | o FROM TO [. NTH] | l TASK ALTERNATIVE LANDMARK [. NTH]
  private static final String DIGITS = "0123456789abcdefghjkmnpqrstvwxyz";

  private static final char START = 'i';
  private static final char STOP = 'o';
  private static final char ALTERNATIVE = 'l';
  private static final char NTH = '.';

  private final List<Turn> turns;

  Route(List<Turn> turns) {
    this.turns = List.copyOf(turns);
  }

  List<Turn> turns() {
    return turns;
  }

  /// Returns how often the route departs from the default.
  public int length() {
    return turns.size();
  }

  /// Returns the route without its turn number `index`.
  public Route without(int index) {
    List<Turn> rest = new ArrayList<>(turns);
    rest.remove(index);
    return new Route(rest);
  }

  /// Returns the route as lower-case letters, digits and dots, five to a usual turn; {@link
  /// #decode} reads them.
  public String encode() {
    StringBuilder text = new StringBuilder();
    for (Turn turn : turns) {
      switch (turn.kind()) {
        case START -> digit(text.append(START), turn.choice());
        case INTERRUPT -> {
          digit(text, turn.task());
          digit(text, turn.choice());
          landmark(text, turn.landmark());
        }
        case STOP -> {
          digit(text.append(STOP), turn.task());
          digit(text, turn.choice());
        }
        case ALTERNATIVE -> {
          digit(text.append(ALTERNATIVE), turn.task());
          number(text, turn.choice());
          landmark(text, turn.landmark());
        }
      }
      if (turn.nth() > 1) {
        number(text.append(NTH), turn.nth());
      }
    }
    return text.toString();
  }

  private static void landmark(StringBuilder text, int landmark) {
    for (int shift = Landmarks.BITS - 5; shift >= 0; shift -= 5) {
      digit(text, landmark >> shift & 31);
    }
  }

  private static void digit(StringBuilder text, int digit) {
    text.append(DIGITS.charAt(digit));
  }

  /// Digits of 16, lowest first, each but the last with 16 added.
  private static void number(StringBuilder text, int number) {
    int rest = number;
    while (rest >= 16) {
      digit(text, rest % 16 + 16);
      rest /= 16;
    }
    digit(text, rest);
  }

  /// Reads what {@link #encode} wrote.
  ///
  /// @throws IllegalArgumentException when `text` is nothing that it writes
  public static Route decode(String text) {
    Reader reader = new Reader(text);
    List<Turn> turns = new ArrayList<>();
    while (!reader.atEnd()) {
      turns.add(reader.turn(turns.isEmpty()));
    }
    return new Route(turns);
  }

  private static final class Reader {
    private final String text;
    private int at;

    Reader(String text) {
      this.text = text;
    }

    boolean atEnd() {
      return at == text.length();
    }

    Turn turn(boolean first) {
      Turn turn =
          switch (text.charAt(at)) {
            case START -> {
              at++;
              if (!first) {
                throw wrong();
              }
              yield new Turn(Kind.START, -1, digit(), 0, 1);
            }
            case STOP -> {
              at++;
              yield new Turn(Kind.STOP, digit(), digit(), 0, nth());
            }
            case ALTERNATIVE -> {
              at++;
              yield new Turn(Kind.ALTERNATIVE, digit(), number(), landmark(), nth());
            }
            default -> new Turn(Kind.INTERRUPT, digit(), digit(), landmark(), nth());
          };
      if (turn.task() == turn.choice() && turn.kind() != Kind.ALTERNATIVE
          || turn.kind() == Kind.ALTERNATIVE && turn.choice() == 0) {
        throw wrong();
      }
      return turn;
    }

    private int landmark() {
      int landmark = 0;
      for (int bits = 0; bits < Landmarks.BITS; bits += 5) {
        landmark = landmark << 5 | digit();
      }
      return landmark;
    }

    private int nth() {
      if (atEnd() || text.charAt(at) != NTH) {
        return 1;
      }
      at++;
      int nth = number();
      if (nth < 2) {
        throw wrong();
      }
      return nth;
    }

    private int number() {
      int number = 0;
      for (int weight = 1; weight < 1 << 24; weight *= 16) {
        int digit = digit();
        number += digit % 16 * weight;
        if (digit < 16) {
          if (digit == 0 && weight > 1) {
            throw wrong();
          }
          return number;
        }
      }
      throw wrong();
    }

    private int digit() {
      if (atEnd()) {
        throw new IllegalArgumentException("the schedule breaks off: " + text);
      }
      int digit = DIGITS.indexOf(text.charAt(at++));
      if (digit < 0) {
        throw wrong();
      }
      return digit;
    }

    private IllegalArgumentException wrong() {
      return new IllegalArgumentException("not a schedule: " + text);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Route that && turns.equals(that.turns);
  }

  @Override
  public int hashCode() {
    return turns.hashCode();
  }

  @Override
  public String toString() {
    return encode();
  }
}
