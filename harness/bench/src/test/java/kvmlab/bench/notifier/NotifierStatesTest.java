// SPDX-License-Identifier: MIT
package kvmlab.bench.notifier;

import static kvmlab.explore.MemoryModel.SC;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.stream.Stream;
import kvmlab.bench.notifier.NotifierScenario.Size;
import kvmlab.explore.Explored;
import kvmlab.explore.Explorer;
import kvmlab.explore.MemoryModel;
import kvmlab.explore.Reduction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Pins how many states a search through the states of each scenario remembers, and in how many
/// executions, so that any change of the algorithm or of what a state is shows.
class NotifierStatesTest {

  record Pin(NotifierScenario scenario, int states, long executions) {

    @Override
    public String toString() {
      String what = scenario.name() + " " + scenario.model().word();
      return what + ": " + states + " states, " + executions + " executions";
    }
  }

  private static Pin pin(NotifierScenario scenario, MemoryModel model, int states, long runs) {
    return new Pin(scenario.under(model), states, runs);
  }

  static Stream<Pin> pins() {
    Size small = Size.of(1, 1);
    Size medium = Size.of(2, 1);
    return Stream.of(
        pin(NotifierScenario.rwsem(small), SC, 68, 43),
        pin(NotifierScenario.rwsem(medium), SC, 1_068, 654),
        pin(NotifierScenario.nestedCount(), SC, 433, 556),
        pin(NotifierScenario.count(small), SC, 325, 204),
        pin(NotifierScenario.count(medium), SC, 19_403, 11_928));
  }

  private static Explorer states(NotifierScenario scenario) {
    return new Explorer(scenario.program()).model(scenario.model()).reduction(Reduction.STATES);
  }

  @ParameterizedTest
  @MethodSource("pins")
  void remembersAsManyStatesAsPinned(Pin pin) {
    NotifierScenario scenario = pin.scenario();
    Explored explored = states(scenario).goOn().explore();

    assertThat(new Pin(scenario, explored.states(), explored.executions())).isEqualTo(pin);
    assertThat(explored.exhausted()).isTrue();
    assertThat(explored.counterexample()).isNull();
  }

  @Test
  void refusesTheKernelsMemoryModel() {
    assertThatThrownBy(states(NotifierScenario.unordered(1))::explore)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("SOURCE_SETS");
  }

  static Stream<NotifierScenario> wrong() {
    Size medium = Size.of(2, 1);
    return Stream.of(
        NotifierScenario.unprotected(Size.of(1, 1)),
        NotifierScenario.unprotected(Size.of(3, 2)),
        NotifierScenario.nested(),
        NotifierScenario.countNoWake(medium),
        NotifierScenario.countLateState(medium));
  }

  @ParameterizedTest
  @MethodSource("wrong")
  void findsWhatIsWrong(NotifierScenario scenario) {
    Explorer explorer = states(scenario);
    Explored explored = explorer.explore();

    assertThat(explored.counterexample()).isNotNull();
    assertThat(explorer.replay(explored.counterexample().schedule()).violation().seen())
        .isEqualTo(explored.counterexample().violation().seen());
  }
}
