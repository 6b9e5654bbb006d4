// SPDX-License-Identifier: MIT
package kvmlab.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import kvmlab.grade.Course;
import kvmlab.grade.GradeRecord;
import kvmlab.grade.Progress;
import kvmlab.grade.TestResult;

/// What every command works with: the course, and where to write.
///
/// @param start a folder inside the course
/// @param out reports
/// @param err everything else
record Desk(Path start, PrintWriter out, PrintWriter err, Terminal terminal) {

  private static final String CLEAR_LINE = "\r\033[K";

  /// The course around the start folder.
  ///
  /// @throws UsageError if there is none
  Course course() throws UsageError {
    return Course.around(start)
        .orElseThrow(() ->
            new UsageError(
                start.toAbsolutePath() + " is not inside the course; run ./course from there"));
  }

  /// Prints a report, in colour if the terminal likes it.
  void print(String report) {
    out.print(terminal.paint(report));
    out.flush();
  }

  /// Says something that is no part of a report.
  void say(String sentence) {
    err.println("course: " + sentence);
  }

  /// Shows on one line what is going on; silent where a line cannot be overwritten.
  void show(String what) {
    if (terminal.isLive()) {
      err.print(CLEAR_LINE + (what.isEmpty() ? "" : "  " + what + " ..."));
      err.flush();
    }
  }

  /// A progress that shows what is going on.
  Progress progress() {
    return new Progress() {
      @Override
      public void starting(String what) {
        show(what);
      }

      @Override
      public void checked(GradeRecord soFar, TestResult last) {
        show("");
      }
    };
  }
}
