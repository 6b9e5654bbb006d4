// SPDX-License-Identifier: MIT
package kvmlab.bench;

/// What is measured.
public enum Measure {
  /// Executions per second, when warm.
  SPEED("executions per second"),
  /// Executions and time until something is wrong, over seeds.
  FIRST_BUG("first bug"),
  /// Executions or states and time until everything has been seen.
  EXHAUST("exhausting"),
  /// Time from the start of a JVM until a bug is found.
  COLD("first bug from a cold start");

  private final String title;

  Measure(String title) {
    this.title = title;
  }

  /// Returns what reports call it.
  public String title() {
    return title;
  }
}
