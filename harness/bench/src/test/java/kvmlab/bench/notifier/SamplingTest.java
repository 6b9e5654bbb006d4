// SPDX-License-Identifier: MIT
package kvmlab.bench.notifier;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import kvmlab.bench.notifier.NotifierScenario.Size;
import kvmlab.explore.Explorer;
import kvmlab.explore.Sampling;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// How soon random runs find each bug: the seeds are fixed, so are the figures.
class SamplingTest {
  /// @param runs how many runs are made; a search for the bug begins where the one before found it
  /// @param median how many runs half of the searches take at most
  /// @param most how many the longest takes
  record Pin(NotifierScenario scenario, Sampling sampling, int runs, int median, int most) {

    @Override
    public String toString() {
      return scenario.name() + " " + sampling;
    }
  }

  static Stream<Pin> pins() {
    return Stream.of(
        pin(NotifierScenario.unprotected(Size.of(1, 1)), Sampling.pos(), 2_000, 2, 13),
        pin(NotifierScenario.unprotected(Size.of(1, 1)), Sampling.pct(3), 2_000, 4, 33),
        pin(NotifierScenario.unprotected(Size.of(1, 1)), Sampling.walk(), 2_000, 2, 12),
        pin(NotifierScenario.nested(), Sampling.pos(), 2_000, 4, 29),
        pin(NotifierScenario.nested(), Sampling.pct(3), 2_000, 4, 34),
        pin(NotifierScenario.nested(), Sampling.walk(), 2_000, 4, 33),
        pin(NotifierScenario.unordered(1), Sampling.pos(), 2_000, 22, 132),
        pin(NotifierScenario.unordered(1), Sampling.pct(3), 2_000, 12, 178),
        pin(NotifierScenario.unordered(1), Sampling.walk(), 2_000, 41, 342),
        pin(NotifierScenario.countNoWake(Size.of(2, 1)), Sampling.pos(), 2_000, 1, 7),
        pin(NotifierScenario.countNoWake(Size.of(2, 1)), Sampling.pct(3), 2_000, 2, 16),
        pin(NotifierScenario.countNoWake(Size.of(2, 1)), Sampling.walk(), 2_000, 1, 9),
        pin(NotifierScenario.countLateState(Size.of(2, 1)), Sampling.pos(), 2_000, 22, 164),
        pin(NotifierScenario.countLateState(Size.of(2, 1)), Sampling.pct(3), 2_000, 50, 258),
        pin(NotifierScenario.countLateState(Size.of(2, 1)), Sampling.walk(), 20_000, 1749, 6326));
  }

  private static Pin pin(
      NotifierScenario scenario, Sampling sampling, int runs, int median, int most) {
    return new Pin(scenario, sampling, runs, median, most);
  }

  @ParameterizedTest
  @MethodSource("pins")
  void findsTheBugAsSoonAsPinned(Pin pin) {
    List<Integer> searches = new ArrayList<>();
    long[] last = {-1};

    new Explorer(pin.scenario().program())
        .model(pin.scenario().model())
        .goOn()
        .onComplete((run, violation) -> {
          if (violation != null) {
            searches.add((int) (run - last[0]));
            last[0] = run;
          }
        })
        .sample(pin.sampling(), pin.runs());

    searches.sort(null);
    assertThat(searches.get(searches.size() / 2)).as("median").isEqualTo(pin.median());
    assertThat(searches.getLast()).as("most").isEqualTo(pin.most());
  }
}
