// SPDX-License-Identifier: MIT
package ex02;

import static kvmlab.lab.LabAssertions.assertThat;

import kvmlab.lab.Check;
import kvmlab.lab.Lab;
import org.junit.jupiter.api.Test;

class CounterTest {
  @Check(task = 1, stars = 4, title = "Two tasks count at the same time")
  @Test
  void twoIncrements() {
    assertThat(Lab.explore(new TwoIncrements())).isSafe().isExhaustive();
  }
}
