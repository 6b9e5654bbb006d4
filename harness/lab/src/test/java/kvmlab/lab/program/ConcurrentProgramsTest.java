// SPDX-License-Identifier: MIT
package kvmlab.lab.program;

import static kvmlab.lab.program.ConcurrentProgram.Step.MERGE_H0_AND_H1;
import static kvmlab.lab.program.ConcurrentProgram.Step.READ_G0;
import static kvmlab.lab.program.ConcurrentProgram.Step.RECLAIM_H1;
import static kvmlab.lab.program.ConcurrentProgram.Step.WRITE_G1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kvmlab.explore.MemoryModel;
import kvmlab.kvm.design.Design;
import kvmlab.lab.Exploration;
import kvmlab.lab.Lab;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;

/// Generated programs of a few tasks, which no author of a test has thought of: each design
/// survives every schedule, within a bound, of those that it is meant to survive.
class ConcurrentProgramsTest {
  private static final int PROGRAMS = 200;
  private static final int EACH_DESIGN_MIN = 20;

  private static final Map<Design, Integer> EXPLORED = new EnumMap<>(Design.class);
  private static final Set<MemoryModel> MODELS = EnumSet.noneOf(MemoryModel.class);
  private static final Set<ConcurrentProgram.Step> TAKEN =
      EnumSet.noneOf(ConcurrentProgram.Step.class);

  @Property(tries = PROGRAMS, seed = "20210331", edgeCases = EdgeCasesMode.NONE)
  void theDesignSurvivesWhatItIsMeantTo(@ForAll("programs") ConcurrentProgram program) {
    Exploration run = Lab.explore(program);

    assertThat(run.verdict()).as(() -> program + "\n" + run.explain()).isEqualTo("PASS");
    EXPLORED.merge(program.design(), 1, Integer::sum);
    MODELS.add(program.model());
    program.tasks().forEach(TAKEN::addAll);
  }

  /// The guest sets the accessed bit of an entry that reclaim has cleared, while a start looks at
  /// it: no data race, for nobody has written that access.
  @Example
  void hardwareRacesWithNobody() {
    theDesignSurvivesWhatItIsMeantTo(
        new ConcurrentProgram(
            Design.ACTIVE_COUNT,
            MemoryModel.SC,
            List.of(List.of(MERGE_H0_AND_H1), List.of(READ_G0, RECLAIM_H1), List.of(WRITE_G1))));
  }

  @Provide
  Arbitrary<ConcurrentProgram> programs() {
    Arbitrary<List<ConcurrentProgram.Step>> steps =
        Arbitraries.of(ConcurrentProgram.Step.class).list().ofMinSize(1).ofMaxSize(2);
    Arbitrary<List<List<ConcurrentProgram.Step>>> tasks = steps.list().ofMinSize(2).ofMaxSize(3);
    Arbitrary<MemoryModel> models = Arbitraries.of(MemoryModel.class);
    return Arbitraries.of(Design.class)
        .flatMap(design ->
            Combinators.combine(models, tasks)
                .as((model, each) -> new ConcurrentProgram(design, model, each))
                .filter(ConcurrentProgram::isMeantToSurvive));
  }

  @AfterContainer
  static void everythingCameUp() {
    assertThat(TAKEN).containsExactlyInAnyOrder(ConcurrentProgram.Step.values());
    assertThat(MODELS).containsExactlyInAnyOrder(MemoryModel.values());
    assertThat(EXPLORED).containsOnlyKeys(Design.values());
    assertThat(EXPLORED.values()).allMatch(programs -> programs >= EACH_DESIGN_MIN);
  }
}
