// SPDX-License-Identifier: MIT
package kvmlab.grade.run;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import kvmlab.grade.CheckSpec;
import kvmlab.grade.GraderFault;
import kvmlab.grade.Outcome;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

class AnswersTest {
  private static final CheckSpec CHECK =
      new CheckSpec(
          "ex02.two-increments",
          "ex02",
          1,
          "schedule",
          "Two tasks count at the same time",
          6,
          "ex02.CounterTest",
          "twoIncrements",
          CheckSpec.Engine.JUPITER);

  @Test
  void whatIsNotTheSameAgainIsNoVerdict() {
    Message answer =
        Message.of("done").with("outcome", "nondeterministic").with("message", "at step 1 ...");
    assertThatThrownBy(() -> Answers.result(CHECK, answer))
        .hasMessage("the check ex02.two-increments gives no verdict: at step 1 ...")
        .asInstanceOf(InstanceOfAssertFactories.type(GraderFault.class))
        .extracting(GraderFault::outcome)
        .isEqualTo(Outcome.INTEGRITY);
  }
}
