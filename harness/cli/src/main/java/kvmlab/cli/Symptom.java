// SPDX-License-Identifier: MIT
package kvmlab.cli;

import java.util.Locale;

/// One thing the doctor looked at.
///
/// @param what what was looked at
/// @param found what was found
/// @param mend what to do; empty if all is well
record Symptom(State state, String what, String found, String mend) {

  /// How bad it is.
  enum State {
    OK,
    /// The course works, but something is slower or missing.
    WARN,
    /// The course does not work.
    MEND
  }

  static Symptom ok(String what, String found) {
    return new Symptom(State.OK, what, found, "");
  }

  static Symptom warn(String what, String found, String mend) {
    return new Symptom(State.WARN, what, found, mend);
  }

  static Symptom mend(String what, String found, String mend) {
    return new Symptom(State.MEND, what, found, mend);
  }

  String line() {
    String advice = mend.isEmpty() ? "" : "%n%20s%s".formatted("", mend);
    return "%-5s  %-12s %s%s%n"
        .formatted(state.name().toLowerCase(Locale.ROOT), what, found, advice);
  }
}
