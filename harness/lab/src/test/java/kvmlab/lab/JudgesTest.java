// SPDX-License-Identifier: MIT
package kvmlab.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import kvmlab.kvm.KvmObserver;
import kvmlab.mm.MmObserver;
import org.junit.jupiter.api.Test;

class JudgesTest {

  @Test
  void judgeWhateverTheScenarioAsksFor() {
    assertThat(ids(watching("I4", "I2"))).containsExactly("I4", "I2");
    assertThat(ids(watching())).isEmpty();
  }

  @Test
  void judgeByDefaultAllThatSaysWhatIsWrong() {
    List<String> wrong =
        Judges.all().stream()
            .map(Invariant::id)
            .filter(id -> !List.of("I27", "I28", "I29").contains(id))
            .toList();
    assertThat(ids(_ -> {})).isEqualTo(wrong);
  }

  @Test
  void theNarrowestIsToldFirst() {
    assertThat(Judges.all())
        .extracting(invariant -> -Integer.parseInt(invariant.id().substring(1)))
        .isSorted();
  }

  @Test
  void whoDoesNothingAboutAMomentIsNotToldOfIt() {
    List<Invariant> all = Judges.all();
    assertThat(Arrays.stream(Judges.toldOf("pteChanged")).mapToObj(all::get))
        .extracting(Invariant::id)
        .contains("I1")
        .doesNotContain("I30");
  }

  @Test
  void momentThatNobodyIsToldOfIsAnError() {
    assertThatThrownBy(() -> Judges.toldOf("pteChnaged"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no observer is told of pteChnaged");
  }

  @Test
  void everyMomentIsPassedOn() {
    assertThat(Stream.of(MmObserver.class, KvmObserver.class))
        .flatExtracting(observer -> List.of(observer.getMethods()))
        .extracting(Method::getName)
        .allSatisfy(moment ->
            assertThat(Invariants.class.getDeclaredMethods())
                .extracting(Method::getName)
                .contains(moment));
  }

  private static List<String> ids(Scenario scenario) {
    return Arrays.stream(Judges.of(scenario).objects())
        .filter(Objects::nonNull)
        .map(Invariant::id)
        .toList();
  }

  private static Scenario watching(String... ids) {
    return new Scenario() {
      @Override
      public void build(World world) {}

      @Override
      public boolean watches(String invariant) {
        return List.of(ids).contains(invariant);
      }
    };
  }
}
