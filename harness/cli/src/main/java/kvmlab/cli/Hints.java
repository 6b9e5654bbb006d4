// SPDX-License-Identifier: MIT
package kvmlab.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kvmlab.grade.Exercise;

/// Reads `hints.adoc`: each section is one hint, the later the clearer.
final class Hints {

  /// One hint.
  ///
  /// @param text plain text, without AsciiDoc's marks
  record Hint(String title, String text) {}

  private Hints() {}

  static List<Hint> of(Exercise exercise) throws IOException {
    Path file = exercise.folder().resolve("hints.adoc");
    return Files.isRegularFile(file) ? parse(Files.readString(file)) : List.of();
  }

  static List<Hint> parse(String adoc) {
    List<Hint> hints = new ArrayList<>();
    for (String section : adoc.split("(?m)^== ")) {
      int end = section.indexOf('\n');
      boolean preamble = hints.isEmpty() && !adoc.startsWith("== ") && adoc.startsWith(section);
      if (end > 0 && !preamble) {
        hints.add(new Hint(section.substring(0, end).strip(), plain(section.substring(end))));
      }
    }
    return hints;
  }

  private static String plain(String adoc) {
    StringBuilder out = new StringBuilder();
    boolean listing = false;
    for (String line : adoc.strip().lines().toList()) {
      if (line.equals("----") || line.equals("....")) {
        listing = !listing;
      } else if (listing) {
        out.append("    ").append(line).append('\n');
      } else if (!line.startsWith("//") && !line.matches("\\[.*]|\\+")) {
        out.append(line.replaceAll("[`*]+(\\S(?:[^`*]*\\S)?)[`*]+", "$1")).append('\n');
      }
    }
    return out.toString().replaceFirst("^\\n+", "").stripTrailing();
  }
}
