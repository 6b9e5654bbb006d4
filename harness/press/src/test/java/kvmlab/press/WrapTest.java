// SPDX-License-Identifier: MIT
package kvmlab.press;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WrapTest {

  @Test
  void breaksAfterABlankBeforeAnythingElse() {
    assertThat(Wrap.at("mmu_notifier_retry_hva(kvm, mmu_seq, hva)", 36))
        .containsExactly("mmu_notifier_retry_hva(kvm, mmu_seq,", "hva)");
  }

  @Test
  void breaksANameAtAnUnderscore() {
    assertThat(Wrap.at("mmu_notifier_count", 15)).containsExactly("mmu_notifier_", "count");
  }

  @Test
  void breaksAnywhereWhenNothingElseIsLeft() {
    assertThat(Wrap.at("abcdefgh", 3)).containsExactly("abc", "def", "gh");
  }
}
