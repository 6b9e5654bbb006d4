// SPDX-License-Identifier: MIT
package kvmlab.cli;

import java.io.Console;
import java.util.Map;

/// What the reader's terminal can do.
///
/// @param isColoured whether ANSI colours are welcome
/// @param isLive whether a line may be overwritten
record Terminal(boolean isColoured, boolean isLive) {

  /// A pipe or a file.
  static final Terminal PLAIN = new Terminal(false, false);

  private static final String RESET = "\033[0m";

  /// The terminal of this process; honours `NO_COLOR` and `TERM=dumb`.
  static Terminal of(Map<String, String> environment) {
    Console console = System.console();
    boolean terminal =
        console != null
            && console.isTerminal()
            && !environment.getOrDefault("TERM", "dumb").equals("dumb");
    boolean colour = environment.getOrDefault("NO_COLOR", "").isEmpty();
    return new Terminal(terminal && colour, terminal);
  }

  /// `report` with its verdict words in colour, line by line.
  String paint(String report) {
    if (!isColoured) {
      return report;
    }
    StringBuilder out = new StringBuilder();
    for (String line : report.split("(?<=\n)")) {
      out.append(paintLine(line));
    }
    return out.toString();
  }

  private static String paintLine(String line) {
    String word = line.strip().split("\\s", 2)[0];
    String colour =
        switch (word) {
          case "PASS", "pass", "solved", "ok" -> "\033[32m";
          case "FORBIDDEN", "STUCK", "DOES-NOT-COMPILE", "forbidden", "stuck", "mend" -> "\033[31m";
          case "TODO", "todo", "NOT-GRADED", "changed", "note:", "warn" -> "\033[33m";
          case "next:" -> "\033[1m";
          default -> "";
        };
    return colour.isEmpty() ? line : line.replaceFirst(word, colour + word + RESET);
  }
}
