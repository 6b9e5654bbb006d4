// SPDX-License-Identifier: MIT
package kvmlab.lab.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import kvmlab.kvm.KvmOps;
import kvmlab.lab.Exploration;
import kvmlab.lab.Lab;
import kvmlab.lab.Scenario;
import kvmlab.lab.World;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;

/// Generated programs of one task: the machine does what the model of memory says, operation by
/// operation, and every invariant holds.
class SequentialProgramsTest {
  private static final int PROGRAMS = 2_000;

  /// Each operation that made sense, and each answer, must have come up so often.
  private static final int TIMES_MIN = 40;

  private static final String THROUGH_HUGE_ENTRIES = "through huge entries";

  private static final Map<Op.Kind, Integer> PERFORMED = new EnumMap<>(Op.Kind.class);
  private static final Map<String, Integer> ANSWERED = new TreeMap<>();

  @Property(tries = PROGRAMS, seed = "20210331", edgeCases = EdgeCasesMode.NONE)
  void theMachineDoesWhatTheModelSays(
      @ForAll("programs") List<Op> program, @ForAll boolean hugePages) {
    Exploration run = Lab.explore(new Sequential(program, hugePages));

    assertThat(run.verdict())
        .as(() -> program + " " + hugePages + "\n" + run.explain())
        .isEqualTo("PASS");
  }

  @Provide
  Arbitrary<List<Op>> programs() {
    return Programs.sequential();
  }

  @AfterContainer
  static void everythingCameUp() {
    assertThat(PERFORMED).containsOnlyKeys(Op.Kind.values());
    assertThat(PERFORMED.values()).allMatch(times -> times >= TIMES_MIN);
    assertThat(ANSWERED)
        .containsKeys(
            "0", "EEXIST", "EFAULT", "EINVAL", "ENOENT", "MMIO", "done", "reads 0", "log 1");
    assertThat(ANSWERED.get(THROUGH_HUGE_ENTRIES)).isGreaterThan(TIMES_MIN);
  }

  /// One task that performs a program, and asks the model after each operation.
  private record Sequential(List<Op> program, boolean hugePages) implements Scenario {
    @Override
    public void build(World world) {
      Model model = new Model();
      Reality reality = new Reality(world, KvmOps.reference(), hugePages);
      world.task(
          "program",
          () -> {
            for (Op op : program) {
              String expected = model.perform(op);
              if (!expected.equals(Model.SKIPPED)) {
                assertThat(reality.perform(op)).as(op::toString).isEqualTo(expected);
                PERFORMED.merge(op.kind(), 1, Integer::sum);
                ANSWERED.merge(expected, 1, Integer::sum);
              }
            }
            ANSWERED.merge(THROUGH_HUGE_ENTRIES, reality.hugeEntries(), Integer::sum);
          });
    }
  }
}
