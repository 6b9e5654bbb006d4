// SPDX-License-Identifier: MIT
package kvmlab.explore;

import kvmlab.machine.Fence;
import kvmlab.machine.Kind;
import kvmlab.machine.SharedObject;
import kvmlab.machine.StateHash;
import kvmlab.machine.Task;

/// The one place through which all full barriers pass, in some order: each makes everything that
/// its task has seen visible to every later one.
final class FullFence extends SharedObject {
  private Message[] passed = Views.NONE;

  private enum Event implements Kind {
    PASS;

    @Override
    public String word() {
      return Fence.FULL.word();
    }
  }

  private final Execution execution;

  FullFence(Execution execution) {
    super("");
    this.execution = execution;
  }

  void pass() {
    execution.perform(this, Event.PASS, 0);
  }

  @Override
  public boolean commutes(Kind one, Kind other) {
    return false;
  }

  @Override
  public void describe(StateHash into) {
    throw new UnsupportedOperationException("the state of a memory that keeps older values");
  }

  @Override
  public void execute(Task performer) {
    ExploredTask task = (ExploredTask) performer;
    passed = task.knowledge().fullBarrier(passed);
  }
}
