// SPDX-License-Identifier: MIT
package ex02;

import kvmlab.lab.Scenario;
import kvmlab.lab.World;

/// Two tasks count at the same time.
public final class TwoIncrements implements Scenario {
  @Override
  public void build(World world) {
    Counter counter = new Counter();
    world.task("CPU 0", counter::increment);
    world.task("CPU 1", counter::increment);
  }
}
