// SPDX-License-Identifier: MIT
package kvmlab.machine;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Why an execution is wrong.
///
/// @param kind what kind of wrong
/// @param invariant the identifier of the broken invariant, for example `I2`; null where none
/// @param expected what should have held, stated positively
/// @param seen what was seen instead, in one line
/// @param report what a sanitizer prints of it, line by line, in the kernel's shape; empty where
///   the trace says it all
/// @param cause the error that the program threw, if any
public record Violation(
    Kind kind,
    @Nullable String invariant,
    String expected,
    String seen,
    List<String> report,
    @Nullable Throwable cause) {

  public Violation {
    report = List.copyOf(report);
  }

  /// Makes a violation without a report.
  public Violation(
      Kind kind,
      @Nullable String invariant,
      String expected,
      String seen,
      @Nullable Throwable cause) {
    this(kind, invariant, expected, seen, List.of(), cause);
  }

  /// The kinds of wrong executions.
  public enum Kind {
    /// An invariant of the protocol broke.
    INVARIANT,
    /// The program or a check threw an assertion error.
    ASSERTION,
    /// The program threw another exception.
    EXCEPTION,
    /// Two plain accesses conflict and nothing orders them.
    DATA_RACE,
    /// A primitive was used against its rules.
    MISUSE,
    /// No task can move.
    DEADLOCK,
    /// The tasks move for ever.
    LIVELOCK;

    /// Returns whether the execution did not end, rather than end wrongly.
    public boolean stuck() {
      return this == DEADLOCK || this == LIVELOCK;
    }
  }

  /// Returns a violation without a cause.
  public static Violation of(Kind kind, @Nullable String invariant, String expected, String seen) {
    return new Violation(kind, invariant, expected, seen, null);
  }

  /// Returns this violation with a sanitizer's report.
  public Violation reporting(List<String> lines) {
    return new Violation(kind, invariant, expected, seen, lines, cause);
  }
}
