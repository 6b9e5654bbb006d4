// SPDX-License-Identifier: MIT
package kvmlab.grade;

/// The word that heads a text report.
public enum Verdict {
  /// The stub as it was handed out.
  TODO,
  DOES_NOT_COMPILE,
  /// An invariant broke, an assertion failed, or the code reaches what it must not.
  FORBIDDEN,
  /// Deadlock, lost wake-up, livelock, endless loop.
  STUCK,
  PASS,
  /// No verdict: nothing was handed in, or the grader itself failed.
  NOT_GRADED;

  /// The word as printed: `DOES-NOT-COMPILE`.
  public String word() {
    return name().replace('_', '-');
  }

  /// The verdict printed as `word`; `FORBIDDEN` for a word nobody knows.
  public static Verdict of(String word) {
    for (Verdict verdict : values()) {
      if (verdict.word().equals(word)) {
        return verdict;
      }
    }
    return FORBIDDEN;
  }
}
