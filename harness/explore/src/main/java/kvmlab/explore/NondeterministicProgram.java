// SPDX-License-Identifier: MIT
package kvmlab.explore;

/// A program did something else when the same schedule was repeated: nothing can be said of it.
public final class NondeterministicProgram extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  /// Says what was different.
  public NondeterministicProgram(Divergence divergence) {
    super(divergence.inWords());
  }

  NondeterministicProgram(ExploredTask task) {
    super(
        task
            + " does not do the same again under the same schedule: it depends on time, chance,"
            + " identity hash codes or state that outlives an execution");
  }
}
