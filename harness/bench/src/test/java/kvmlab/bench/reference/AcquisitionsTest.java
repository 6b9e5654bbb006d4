// SPDX-License-Identifier: MIT
package kvmlab.bench.reference;

import static org.assertj.core.api.Assertions.assertThat;

import kvmlab.kvm.design.Design;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What the patch is about, as a count that no machine can change.
class AcquisitionsTest {

  @ParameterizedTest
  @EnumSource
  void invalidationOfOtherMemoryTakesMmuLockTwiceIn512AndNeverSince(Design design) {
    assertThat(Acquisitions.of(design.ops()))
        .isEqualTo(new Acquisitions(design == Design.UNCONDITIONAL ? 2 : 0, 2));
  }
}
