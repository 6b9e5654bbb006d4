// SPDX-License-Identifier: MIT
package kvmlab.grade.worker;

import static kvmlab.lab.LabAssertions.assertThat;

import kvmlab.kernel.LongCell;
import kvmlab.lab.Lab;
import kvmlab.lab.Scenario;
import kvmlab.lab.World;
import org.junit.jupiter.api.Test;

/// The smallest check there is: running it loads what every check needs.
final class Warm {

  @Test
  void up() {
    assertThat(Lab.explore(new TwoReaders())).isSafe().isExhaustive();
  }

  /// Two tasks that read one cell.
  static final class TwoReaders implements Scenario {
    @Override
    public void build(World world) {
      LongCell cell = new LongCell("cell", 0);
      world.task("reader 0", cell::readOnce);
      world.task("reader 1", cell::readOnce);
    }
  }
}
