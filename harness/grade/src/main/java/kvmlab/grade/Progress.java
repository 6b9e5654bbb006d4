// SPDX-License-Identifier: MIT
package kvmlab.grade;

/// Hears of a grading while it goes on.
public interface Progress {

  /// Hears nothing.
  Progress NONE = new Progress() {};

  /// One more check has its result; `soFar` lists those without one as `not_run`.
  default void checked(GradeRecord soFar, TestResult last) {}

  /// The grader starts on something that may take a while: `compiling ex02-retry`.
  default void starting(String what) {}
}
