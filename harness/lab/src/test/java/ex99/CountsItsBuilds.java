// SPDX-License-Identifier: MIT
package ex99;

import java.util.concurrent.atomic.AtomicInteger;
import kvmlab.kernel.LongCell;
import kvmlab.lab.Scenario;
import kvmlab.lab.World;

/// Does something else each time, because a static field outlives the execution.
public final class CountsItsBuilds implements Scenario {
  private static final AtomicInteger BUILDS = new AtomicInteger();

  @Override
  public void build(World world) {
    LongCell cell = new LongCell("cell", 0);
    int build = BUILDS.incrementAndGet();
    world.task("CPU 0", () -> cell.writeOnce(build));
    world.task("CPU 1", cell::readOnce);
  }
}
