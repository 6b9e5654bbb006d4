// SPDX-License-Identifier: MIT
package kvmlab.lab;

/// Entry point of the lab's assertions, for static import.
public final class LabAssertions {
  private LabAssertions() {}

  public static ExplorationAssert assertThat(Exploration exploration) {
    return new ExplorationAssert(exploration);
  }
}
