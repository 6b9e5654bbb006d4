// SPDX-License-Identifier: MIT
package kvmlab.lab;

/// A scenario that does something else when the same schedule is repeated: it gets no verdict,
/// because nothing that was seen needs to happen again.
public final class NotRepeatable extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  NotRepeatable(Scenario scenario, String difference) {
    super(scenario.id() + ": " + difference);
  }
}
