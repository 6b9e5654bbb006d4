// SPDX-License-Identifier: MIT
package kvmlab.grade;

import java.util.Locale;

/// How a whole grading ended, ordered by what a caller must hear first.
public enum Outcome {
  GRADED(0),
  /// Still running, or cut off: never a grade.
  INCOMPLETE(4),
  NOTHING_SUBMITTED(2),
  COMPILE_ERROR(3),
  /// The grader failed, not the submission: try again.
  INFRASTRUCTURE(4),
  /// The submission reaches what it must not, or is no honest archive.
  REFUSED(5),
  /// The checks that ran are not the checks of the manifest.
  INTEGRITY(5);

  private final int exitCode;

  Outcome(int exitCode) {
    this.exitCode = exitCode;
  }

  /// The word in records: `compile_error`.
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The exit code of the command line; a complete grade also depends on its points.
  public int exitCode() {
    return exitCode;
  }

  /// The one of two outcomes that a caller must hear first.
  public Outcome worse(Outcome other) {
    return compareTo(other) >= 0 ? this : other;
  }
}
