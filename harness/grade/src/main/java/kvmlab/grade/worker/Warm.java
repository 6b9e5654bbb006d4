// SPDX-License-Identifier: MIT
package kvmlab.grade.worker;

import static kvmlab.lab.LabAssertions.assertThat;

import kvmlab.lab.Lab;
import kvmlab.lab.Scenario;
import kvmlab.lab.World;
import org.junit.jupiter.api.Test;

/// The smallest check there is: running it loads what every check needs.
final class Warm {

  @Test
  void up() {
    assertThat(Lab.explore(new TwoTasks())).isSafe().isExhaustive();
  }

  /// Two tasks that only begin and end: the grader knows no primitive to give them.
  static final class TwoTasks implements Scenario {
    @Override
    public void build(World world) {
      world.task("task 0", () -> {});
      world.task("task 1", () -> {});
    }
  }
}
