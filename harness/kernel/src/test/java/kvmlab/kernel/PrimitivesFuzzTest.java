// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import static kvmlab.explore.Comparison.Extent.EVERYTHING;
import static kvmlab.explore.Comparison.Extent.NOTHING;
import static kvmlab.kernel.Step.*;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import kvmlab.explore.Comparison;
import kvmlab.explore.Comparison.Extent;
import kvmlab.explore.Generated;
import kvmlab.explore.MemoryModel;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.statistics.Statistics;

/// Generated programs over every primitive: what each says about which of its events commute is
/// true, because the reductions that rely on it see what the naive enumeration sees; and no class
/// of executions is run twice.
class PrimitivesFuzzTest {
  private static final int TRIES = 1_000;
  private static final int EXECUTIONS_MAX = 500;
  private static final int STEPS_MAX = 4;

  /// Steps that may break an execution off; all others keep the rules.
  private static final Set<Step> RACY = EnumSet.of(PLAIN_READ, PLAIN_WRITE);

  /// Steps that get at each other.
  private static final List<List<Step>> FAMILIES =
      List.of(
          List.of(SPIN_LOCK, SPIN_LOCK, SPIN_TRYLOCK, READ_X, WRITE_X),
          List.of(SPIN_LOCK, MUTEX_LOCK, MUTEX_LOCK, MUTEX_TRYLOCK, READ_X, WRITE_X),
          List.of(READ_LOCK, WRITE_LOCK, READ_TRYLOCK, WRITE_TRYLOCK, READ_X, WRITE_X),
          List.of(READ_LOCK, WRITE_LOCK, READ_LOCK_IRQ, READ_LOCK_IRQ, READ_X, WRITE_X),
          List.of(DOWN_READ, DOWN_WRITE, TRY_OR_DOWNGRADE, READ_X, WRITE_X),
          List.of(DOWN_READ, DOWN_WRITE, DOWN_READ_NON_OWNER, UP_READ_NON_OWNER, WRITE_X),
          List.of(SRCU_READ, SRCU_READ, SYNCHRONIZE_SRCU, READ_X, WRITE_X),
          List.of(RCUWAIT, RCUWAIT_LATE, RCUWAIT_SLEEP, RCUWAIT_ACTIVE, WRITE_X),
          List.of(SLEEP, SLEEP_EXCLUSIVE, WAKE_UP, WAKE_UP_ALL, WAIT_EVENT, WRITE_X),
          List.of(SLEEP, WAKE_UP, WAITQUEUE_ACTIVE, RCUWAIT_SLEEP, WRITE_X),
          List.of(COMPLETE, COMPLETE_ALL, WAIT_FOR, TRY_WAIT_FOR, DONE, READ_X, WRITE_X),
          List.of(COMPLETE, COMPLETE, WAIT_FOR, READ_X, WRITE_X),
          List.of(KTHREAD_RUN, KTHREAD_STOP, READ_X, WRITE_X, SPIN_LOCK),
          List.of(ADD_X, ADD_X_RELAXED, CMPXCHG_X, XCHG_X, ACQUIRE_X, RELEASE_X, READ_X, WRITE_X),
          List.of(AWAIT_X, RELEASE_X, CPU_RELAX, ADD_X_RELAXED, CHOOSE),
          List.of(PLAIN_READ, PLAIN_WRITE, ACQUIRE_X, RELEASE_X, SPIN_LOCK, COMPLETE, WAIT_FOR),
          List.of(READ_X, WRITE_X, READ_Y, WRITE_Y, MB, RMB, WMB),
          List.of(SPIN_LOCK, READ_LOCK_IRQ, DOWN_READ, SRCU_READ, SLEEP, WAKE_UP, WRITE_X),
          List.of(Step.values()));

  @Property(tries = TRIES, seed = "20210331", edgeCases = EdgeCasesMode.NONE)
  void declaredIndependenceIsTrue(@ForAll("programs") Generated<Step> program) {
    compare(program, MemoryModel.SC);
  }

  @Property(tries = TRIES, seed = "20210401", edgeCases = EdgeCasesMode.NONE)
  void declaredIndependenceIsTrueUnderTheKernelsModel(@ForAll("programs") Generated<Step> program) {
    compare(program, MemoryModel.LKMM);
  }

  private static void compare(Generated<Step> program, MemoryModel model) {
    Comparison comparison =
        new Comparison(() -> new PrimitivesProgram(program), model, EXECUTIONS_MAX);
    Extent extent = comparison.compare();
    if (program.tasks().stream().allMatch(steps -> Collections.disjoint(steps, RACY))) {
      assertThat(comparison.violations()).isEmpty();
    }
    Statistics.collect(extent);
    Statistics.coverage(coverage -> {
      coverage.check(EVERYTHING).percentage(share -> share > 50);
      coverage.check(NOTHING).percentage(share -> share < 20);
    });
  }

  @Provide
  Arbitrary<Generated<Step>> programs() {
    return Arbitraries.of(FAMILIES)
        .flatMap(steps -> Generated.programs(Arbitraries.of(steps), STEPS_MAX));
  }
}
