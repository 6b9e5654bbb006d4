// SPDX-License-Identifier: MIT
package kvmlab.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import kvmlab.grade.Course;

/// Runs commands on a course, as a shell would.
///
/// @param course where
record Shell(Course course) {

  /// What a command left behind.
  record Result(int code, String out, String err) {}

  Result run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    Path home = course.root();
    int code = Main.run(home, new PrintWriter(out), new PrintWriter(err), Terminal.PLAIN, args);
    return new Result(code, out.toString(), err.toString());
  }
}
