// SPDX-License-Identifier: MIT
package kvmlab.grade.worker;

import java.util.List;
import java.util.stream.Collectors;

/// Finds, in what jqwik publishes, the smallest sample that falsifies a property.
final class Samples {

  private static final String HEADING = "Shrunk Sample";
  private static final String UNSHRUNK = "Sample";

  private Samples() {}

  /// The lines of the sample, `x: 1`; empty if nothing of the kind was published.
  static String in(List<String> published) {
    List<String> lines = published.stream().flatMap(String::lines).toList();
    int heading = indexOf(lines, HEADING);
    if (heading < 0) {
      heading = indexOf(lines, UNSHRUNK);
    }
    if (heading < 0) {
      return "";
    }
    // Below the heading a rule of dashes, then the sample up to an empty line.
    return lines.stream()
        .skip(heading + 2L)
        .takeWhile(line -> !line.isBlank())
        .map(line -> "falsified by " + line.strip())
        .collect(Collectors.joining("\n"));
  }

  private static int indexOf(List<String> lines, String heading) {
    for (int i = 0; i < lines.size(); i++) {
      if (lines.get(i).startsWith(heading)) {
        return i;
      }
    }
    return -1;
  }
}
