// SPDX-License-Identifier: MIT
package kvmlab.bench.reference;

import static org.assertj.core.api.Assertions.assertThat;

import kvmlab.kvm.design.Design;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// That every workload runs on every design and counts what it does; how much is for the benchmark.
class RigTest {
  private static final double SECONDS = 0.01;

  @ParameterizedTest
  @EnumSource
  void everyWorkloadGetsOn(Workload workload) {
    for (Design design : Design.values()) {
      Rig.Result result = Rig.run(design.ops(), workload, 1, SECONDS);

      assertThat(result.operations() + result.retries()).isPositive();
    }
  }
}
