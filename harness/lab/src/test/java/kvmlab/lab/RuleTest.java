// SPDX-License-Identifier: MIT
package kvmlab.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RuleTest {

  @Test
  void haveOneInvariantEachAtMost() {
    assertThat(Judges.all()).extracting(Invariant::id).doesNotHaveDuplicates();
  }

  @Test
  void areNumberedWithoutGaps() {
    assertThat(Rule.all())
        .extracting(Rule::id)
        .isEqualTo(IntStream.rangeClosed(1, 37).mapToObj(number -> "I" + number).toList());
  }

  @Test
  void areSentences() {
    assertThat(Rule.all())
        .extracting(Rule::statement)
        .doesNotHaveDuplicates()
        .allSatisfy(statement ->
            assertThat(statement).matches("[a-z0-9].*[a-z0-9]").contains(" ").doesNotContain(". "));
  }

  @Test
  void haveJudges() {
    assertThat(Rule.all())
        .filteredOn(rule -> rule.judges().isEmpty())
        .extracting(Rule::id)
        .containsExactly("I10");
  }
}
