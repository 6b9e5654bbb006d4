// SPDX-License-Identifier: MIT
package kvmlab.grade;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Turns a solution into its stub: there is one source of both.
///
/// ```
/// // begin TODO 2: Say whether the fault must start over.
/// return isInvalidated(seq) ? RetPf.RETRY : RetPf.FIXED;
/// // stub: return RetPf.RETRY;
/// // end TODO 2
/// ```
///
/// becomes
///
/// ```
/// // TODO 2: Say whether the fault must start over.
/// return RetPf.RETRY;
/// ```
///
/// A goal may go on in comment lines directly below its first line. Lines that only mark a region
/// for the book (`tag::`, `end::`) are left out.
public final class Markers {

  private static final Pattern BEGIN = Pattern.compile("(\\s*)// begin (TODO (\\d+): .*)");
  private static final Pattern END = Pattern.compile("\\s*// end TODO (\\d+)\\s*");
  private static final Pattern STUB = Pattern.compile("(\\s*)// stub:(?: (.*))?");
  private static final Pattern COMMENT = Pattern.compile("\\s*// .*");
  private static final Pattern TAG = Pattern.compile("\\s*// (tag|end)::[^\\[]+\\[]\\s*");

  private Markers() {}

  /// The stub of `solution`.
  ///
  /// @throws IllegalArgumentException naming the line whose marker has no partner
  public static String stub(String solution) {
    List<String> out = new ArrayList<>();
    String open = "";
    boolean goal = false;
    int number = 0;
    for (String line : solution.lines().toList()) {
      number++;
      Matcher begin = BEGIN.matcher(line);
      Matcher end = END.matcher(line);
      Matcher stub = STUB.matcher(line);
      if (TAG.matcher(line).matches()) {
        continue;
      } else if (begin.matches()) {
        require(open.isEmpty(), number, line);
        out.add(begin.group(1) + "// " + begin.group(2));
        open = begin.group(3);
        goal = true;
      } else if (end.matches()) {
        require(end.group(1).equals(open), number, line);
        open = "";
      } else if (stub.matches()) {
        require(!open.isEmpty(), number, line);
        goal = false;
        String kept = stub.group(2) == null ? "" : stub.group(2);
        out.add(kept.isEmpty() ? "" : stub.group(1) + kept);
      } else if (open.isEmpty()) {
        out.add(line);
      } else if (goal && COMMENT.matcher(line).matches()) {
        out.add(line);
      } else {
        goal = false;
      }
    }
    require(open.isEmpty(), number, "(end of file)");
    return String.join("\n", out) + "\n";
  }

  private static void require(boolean paired, int number, String line) {
    if (!paired) {
      throw new IllegalArgumentException(
          "line " + number + ": no partner for the marker " + line.strip());
    }
  }
}
