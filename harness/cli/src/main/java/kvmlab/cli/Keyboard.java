// SPDX-License-Identifier: MIT
package kvmlab.cli;

import java.io.IOException;
import org.jline.terminal.Attributes;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.utils.InfoCmp.Capability;
import org.jline.utils.NonBlockingReader;

/// Walks through an execution on a terminal, key by key, on a screen of its own.
final class Keyboard {
  private static final int ESCAPE = 27;
  private static final long ESCAPE_MILLIS = 50;

  private Keyboard() {}

  /// @throws IOException if there is no terminal to be had
  static void walk(Stepper stepper) throws IOException {
    try (Terminal terminal = TerminalBuilder.builder().system(true).dumb(false).build()) {
      Attributes before = terminal.enterRawMode();
      terminal.puts(Capability.enter_ca_mode);
      terminal.puts(Capability.cursor_invisible);
      try {
        Stepper.Move move = Stepper.Move.STAY;
        while (stepper.move(move)) {
          draw(terminal, stepper);
          move = Stepper.Move.of(key(terminal.reader()));
        }
      } finally {
        terminal.puts(Capability.cursor_visible);
        terminal.puts(Capability.exit_ca_mode);
        terminal.setAttributes(before);
        terminal.flush();
      }
    }
  }

  private static void draw(Terminal terminal, Stepper stepper) {
    terminal.puts(Capability.clear_screen);
    int width = Math.max(1, terminal.getWidth());
    int height = Math.max(1, terminal.getHeight());
    StringBuilder screen = new StringBuilder();
    for (String line : stepper.screen(width, height)) {
      String shown = line.length() < width ? line : line.substring(0, width - 1);
      boolean current = line.startsWith(">");
      screen.append(current ? "\033[7m" : "").append(shown).append(current ? "\033[0m" : "");
      screen.append("\r\n");
    }
    terminal.writer().print(screen);
    terminal.flush();
  }

  /// Returns the name of the next key; empty when there will be none.
  private static String key(NonBlockingReader keys) throws IOException {
    int first = keys.read();
    if (first < 0) {
      return "";
    }
    if (first != ESCAPE) {
      return Character.toString(first);
    }
    // What an arrow sends follows at once; Escape alone is followed by nothing.
    int second = keys.read(ESCAPE_MILLIS);
    if (second != '[' && second != 'O') {
      return "escape";
    }
    return switch (keys.read(ESCAPE_MILLIS)) {
      case 'A' -> "up";
      case 'B' -> "down";
      case 'C' -> "right";
      case 'D' -> "left";
      case 'F' -> "end";
      case 'H' -> "home";
      default -> "unknown";
    };
  }
}
