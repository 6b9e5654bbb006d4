// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.List;
import kvmlab.explore.Route.Turn;
import org.jspecify.annotations.Nullable;

/// Says which turn of a route a program does not take any more.
///
/// @param tasks the names of the tasks
/// @param landmarks what the program comes to
record MissedTurn(List<String> tasks, Landmarks landmarks) {

  /// @param cameThere whether the task came to the landmark, and could not turn
  String inWords(Turn turn, boolean cameThere) {
    String takesOver =
        turn.kind() == Route.Kind.ALTERNATIVE
            ? "take its alternative " + turn.choice()
            : task(turn.choice()) + " was to take over";
    if (cameThere) {
      return switch (turn.kind()) {
        case START -> task(turn.choice()) + " cannot begin";
        case INTERRUPT -> task(turn.choice()) + " cannot go on before " + place(turn);
        case STOP -> task(turn.choice()) + " cannot go on when " + task(turn.task()) + " stops";
        case ALTERNATIVE ->
            task(turn.task()) + " has no other alternative any more at " + landmark(turn);
      };
    }
    return switch (turn.kind()) {
      case START -> "no task was left to choose from at the start";
      case INTERRUPT -> task(turn.task()) + " never came to " + nth(turn) + ", where " + takesOver;
      case STOP -> task(turn.task()) + " never had to stop" + times(turn) + ", where " + takesOver;
      case ALTERNATIVE ->
          task(turn.task()) + " never came to " + nth(turn) + ", where it was to " + takesOver;
    };
  }

  private String place(Turn turn) {
    return landmark(turn) + " of " + task(turn.task());
  }

  private String nth(Turn turn) {
    return landmark(turn) + times(turn);
  }

  private static String times(Turn turn) {
    return turn.nth() == 1 ? "" : " for the " + ordinal(turn.nth()) + " time";
  }

  private static String ordinal(int n) {
    String ending =
        n % 100 / 10 == 1
            ? "th"
            : switch (n % 10) {
              case 1 -> "st";
              case 2 -> "nd";
              case 3 -> "rd";
              default -> "th";
            };
    return n + ending;
  }

  private String landmark(Turn turn) {
    @Nullable String name = landmarks.name(turn.landmark());
    return name == null ? "an event that this code does not have" : name;
  }

  private String task(int id) {
    return id < tasks.size() ? tasks.get(id) : "task " + id;
  }
}
