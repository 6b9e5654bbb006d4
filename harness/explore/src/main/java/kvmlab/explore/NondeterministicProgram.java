// SPDX-License-Identifier: MIT
package kvmlab.explore;

/// A program did something else when the same schedule was repeated.
public final class NondeterministicProgram extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  NondeterministicProgram(ExploredTask task) {
    super(
        task
            + " does not do the same again under the same schedule: it depends on time, chance,"
            + " identity hash codes or state that outlives an execution");
  }
}
