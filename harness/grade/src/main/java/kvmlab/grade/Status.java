// SPDX-License-Identifier: MIT
package kvmlab.grade;

import java.util.Locale;

/// What became of one check.
public enum Status {
  PASS,
  /// Neither right nor wrong; worth a look.
  INTERESTING,
  FAIL,
  /// Stopped by the deadline.
  TIMEOUT,
  NOT_RUN,
  COMPILE_ERROR;

  /// The word in records: `pass`, `not_run`.
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
