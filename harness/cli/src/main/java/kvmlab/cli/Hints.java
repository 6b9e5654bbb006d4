// SPDX-License-Identifier: MIT
package kvmlab.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kvmlab.grade.Exercise;

/// Reads `hints.adoc`: a section per task, and in it a subsection per tier, the later the clearer.
/// Without subsections, each section is a tier.
final class Hints {

  private static final Pattern HEADING = Pattern.compile("(={2,3}) (.*)");

  /// All hints of one tier.
  ///
  /// @param text plain text, without AsciiDoc's marks
  record Tier(String title, String text) {}

  private Hints() {}

  static List<Tier> of(Exercise exercise) throws IOException {
    Path file = exercise.folder().resolve("hints.adoc");
    return Files.isRegularFile(file) ? parse(Files.readString(file)) : List.of();
  }

  static List<Tier> parse(String adoc) {
    boolean byTask = adoc.lines().anyMatch(line -> line.startsWith("=== "));
    Map<String, StringBuilder> tiers = new LinkedHashMap<>();
    String task = "";
    StringBuilder tier = new StringBuilder();
    for (String line : adoc.lines().toList()) {
      Matcher heading = HEADING.matcher(line);
      if (!heading.matches()) {
        tier.append(line).append('\n');
      } else if (byTask && heading.group(1).length() == 2) {
        task = heading.group(2);
      } else {
        tier = tiers.computeIfAbsent(heading.group(2), title -> new StringBuilder());
        if (!task.isEmpty()) {
          tier.append(tier.isEmpty() ? "" : "\n").append(task).append(":\n\n");
        }
      }
    }
    List<Tier> result = new ArrayList<>();
    tiers.forEach((title, text) -> result.add(new Tier(title, plain(text.toString()))));
    return result;
  }

  private static String plain(String adoc) {
    StringBuilder out = new StringBuilder();
    boolean listing = false;
    for (String line : adoc.lines().toList()) {
      if (line.equals("----") || line.equals("....")) {
        listing = !listing;
      } else if (listing) {
        out.append("    ").append(line).append('\n');
      } else if (!line.startsWith("//") && !line.matches("\\[.*]|\\+")) {
        out.append(unmarked(line)).append('\n');
      }
    }
    return out.toString().replaceFirst("^\n+", "").replaceAll("\n{3,}", "\n\n").stripTrailing();
  }

  /// A line without quotes for code and emphasis, and without the backslashes that ward them off.
  private static String unmarked(String line) {
    return line.replaceAll("[`*]+(\\S(?:[^`*]*\\S)?)[`*]+", "$1")
        .replaceAll("\\\\(?=[<>*_`\\[{+-])", "");
  }
}
