// SPDX-License-Identifier: MIT
package kvmlab.press;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A report that a text prints in full, because its readers see the text as it is and no build
/// stands between. The build compares it with what the explorer says now.
///
/// In the text, `// report: ex02.FaultRacesUnmap+no-retry-check` stands above the listing.
///
/// @param run the name of the run, as in [Wanted]
/// @param report the listing, lines separated by line feeds
record Reprint(String run, String report) {
  private static final String MARK = "// report: ";
  private static final String FENCE = "----";

  /// Reads the reports of a text; none where there is no such file.
  static List<Reprint> in(Path text) throws IOException {
    List<Reprint> reprints = new ArrayList<>();
    List<String> lines = Files.isRegularFile(text) ? Files.readAllLines(text) : List.of();
    for (int mark = 0; mark < lines.size(); mark++) {
      if (lines.get(mark).startsWith(MARK)) {
        List<String> below = lines.subList(mark, lines.size());
        int from = below.indexOf(FENCE) + 1;
        int to = from + below.subList(from, below.size()).indexOf(FENCE);
        if (from == 0 || to < from) {
          throw new IOException(text + ": no listing below " + lines.get(mark));
        }
        String run = lines.get(mark).substring(MARK.length());
        reprints.add(new Reprint(run, String.join("\n", below.subList(from, to))));
      }
    }
    return reprints;
  }
}
