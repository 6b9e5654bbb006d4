// SPDX-License-Identifier: MIT
package kvmlab.lab;

/// A scenario went wrong; the message is the whole report.
public final class Violated extends AssertionError {
  private static final long serialVersionUID = 1L;

  private final transient Exploration exploration;

  Violated(Exploration exploration) {
    super(exploration.explain());
    this.exploration = exploration;
  }

  /// Returns what was explored and found.
  public Exploration exploration() {
    return exploration;
  }
}
