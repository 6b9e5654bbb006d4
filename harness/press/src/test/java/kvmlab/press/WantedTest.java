// SPDX-License-Identifier: MIT
package kvmlab.press;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class WantedTest {

  @Test
  void findsWhatTheTextAsksForAndNothingElse() {
    Wanted wanted = new Wanted(new TreeSet<>(), new TreeSet<>(), new TreeSet<>());
    wanted.read(
        """
        After count:ex02.Race[] schedules, or count:ex02.Race[mutant=no-seq-bump,of=steps] of them.
        trace::ex02.Race[mutant="no-retry-check",cells="seq count"]
        exercise::ex02-retry[]
        It takes count:ex04-lock-on-hit[of=minutes] minutes.
        designs::all[]
        // trace::ex02.LineComment[mutant=x]
        ////
        trace::ex02.BlockComment[mutant=x]
        exercise::ex03-count[]
        ////
        trace::ex02.Other[mutant=y]
        """
            .lines()
            .toList());
    assertThat(wanted.runs())
        .containsExactly(
            "ex02.Other+y", "ex02.Race", "ex02.Race+no-retry-check", "ex02.Race+no-seq-bump");
    assertThat(wanted.exercises()).containsExactly("ex02-retry", "ex04-lock-on-hit");
    assertThat(wanted.designs()).containsExactly("designs");
  }
}
