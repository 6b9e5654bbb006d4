// SPDX-License-Identifier: MIT
package kvmlab.grade;

/// The grader cannot give a grade, and the submission is not to blame.
public final class GraderFault extends Exception {

  private static final long serialVersionUID = 1L;

  private final Outcome outcome;

  private GraderFault(Outcome outcome, String message) {
    super(message);
    this.outcome = outcome;
  }

  /// Something that may go away: not built, disk full, worker killed. Try again.
  public static GraderFault infrastructure(String message) {
    return new GraderFault(Outcome.INFRASTRUCTURE, message);
  }

  /// The checks that ran, or would run, are not those of the manifest.
  public static GraderFault integrity(String message) {
    return new GraderFault(Outcome.INTEGRITY, message);
  }

  /// [Outcome#INFRASTRUCTURE] or [Outcome#INTEGRITY].
  public Outcome outcome() {
    return outcome;
  }

  @Override
  public String getMessage() {
    return String.valueOf(super.getMessage());
  }
}
