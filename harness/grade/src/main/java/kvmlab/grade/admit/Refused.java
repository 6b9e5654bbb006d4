// SPDX-License-Identifier: MIT
package kvmlab.grade.admit;

import kvmlab.grade.Outcome;

/// A submission that is not graded, with a sentence for whoever handed it in.
public final class Refused extends Exception {

  private static final long serialVersionUID = 1L;

  private final Outcome outcome;

  private Refused(Outcome outcome, String message) {
    super(message);
    this.outcome = outcome;
  }

  /// Nothing there that could be a submission.
  static Refused usage(String message) {
    return new Refused(Outcome.NOTHING_SUBMITTED, message);
  }

  /// Something there that no honest submission holds.
  static Refused hostile(String message) {
    return new Refused(Outcome.REFUSED, message);
  }

  /// [Outcome#NOTHING_SUBMITTED] or [Outcome#REFUSED].
  public Outcome outcome() {
    return outcome;
  }

  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
