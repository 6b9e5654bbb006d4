// SPDX-License-Identifier: MIT
package kvmlab.explore;

import kvmlab.machine.Kind;
import kvmlab.machine.SharedObject;
import kvmlab.machine.StateHash;
import kvmlab.machine.Task;

/// An input that the environment chooses: an event of its own object, so it commutes with all.
final class Choice extends SharedObject {

  private enum Event implements Kind {
    CHOOSE;

    @Override
    public String word() {
      return "choose";
    }
  }

  Choice(String name) {
    super(name);
  }

  long make(Execution execution, int alternatives) {
    return execution.perform(this, Event.CHOOSE, alternatives);
  }

  @Override
  public boolean commutes(Kind one, Kind other) {
    return true;
  }

  @Override
  public void describe(StateHash into) {
    // What was chosen is a result of the task.
  }

  @Override
  public void execute(Task task) {
    int count = (int) task.argument();
    int[] keys = new int[count];
    for (int i = 0; i < count; i++) {
      keys[i] = i;
    }
    task.result(((Execution) engine).choose((ExploredTask) task, count, keys));
  }
}
