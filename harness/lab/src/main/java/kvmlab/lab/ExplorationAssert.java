// SPDX-License-Identifier: MIT
package kvmlab.lab;

import org.assertj.core.api.AbstractAssert;

/// Assertions on what was explored.
public final class ExplorationAssert extends AbstractAssert<ExplorationAssert, Exploration> {

  ExplorationAssert(Exploration actual) {
    super(actual, ExplorationAssert.class);
  }

  /// Fails with the whole report when a wrong execution was found.
  public ExplorationAssert isSafe() {
    isNotNull();
    if (actual.finding().isPresent()) {
      throw new Violated(actual);
    }
    return this;
  }

  /// Fails when executions were left out.
  public ExplorationAssert isExhaustive() {
    isNotNull();
    if (!actual.exhausted()) {
      failWithMessage("%s: %s", actual.scenario(), actual.bound());
    }
    return this;
  }

  /// Fails unless the wrong execution that was found breaks the invariant with this identifier.
  public ExplorationAssert breaks(String invariant) {
    isNotNull();
    String broken =
        actual
            .finding()
            .map(finding -> String.valueOf(finding.violation().invariant()))
            .orElse("none");
    if (!broken.equals(invariant)) {
      failWithMessage(
          "%s should break %s but breaks %s:%n%s",
          actual.scenario(), invariant, broken, actual.explain());
    }
    return this;
  }
}
