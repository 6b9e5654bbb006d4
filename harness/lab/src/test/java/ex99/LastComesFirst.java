// SPDX-License-Identifier: MIT
package ex99;

import kvmlab.explore.MemoryModel;
import kvmlab.kernel.Mutex;
import kvmlab.lab.Scenario;
import kvmlab.lab.World;

/// Four tasks take a lock four times each: 63 million executions. A search comes last to those
/// where the last task comes first.
public class LastComesFirst implements Scenario {

  @Override
  public void build(World world) {
    Mutex lock = Mutex.define("lock");
    int[] taken = {0};
    for (int i = 0; i < 4; i++) {
      int task = i;
      world.task(
          "CPU " + i,
          () -> {
            for (int k = 0; k < 4; k++) {
              lock.lock();
              if (taken[0]++ == 0 && task == 3) {
                first();
              }
              lock.unlock();
            }
          });
    }
  }

  /// Called when the last task comes first.
  protected void first() {
    throw new AssertionError("CPU 3 comes first");
  }

  @Override
  public MemoryModel model() {
    return MemoryModel.SC;
  }

  @Override
  public long executionsMax() {
    return 3_000;
  }

  @Override
  public int randomRuns() {
    return 500;
  }
}
