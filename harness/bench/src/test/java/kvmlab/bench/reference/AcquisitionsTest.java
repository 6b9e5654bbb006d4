// SPDX-License-Identifier: MIT
package kvmlab.bench.reference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import kvmlab.kvm.KvmOps;
import org.junit.jupiter.api.Test;

/// What the patch is about, as a count that no machine can change.
class AcquisitionsTest {

  @Test
  void unrelatedInvalidationTakesMmuLockTwiceIn512AndNeverSince() {
    Map<String, KvmOps> designs = Designs.all();

    assertThat(Acquisitions.of(designs.get("v5.12"))).isEqualTo(new Acquisitions(2, 2));
    assertThat(Acquisitions.of(designs.get("v5.15"))).isEqualTo(new Acquisitions(0, 2));
  }
}
