// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import kvmlab.explore.Explored;
import kvmlab.explore.Explorer;
import kvmlab.explore.MemoryModel;
import kvmlab.machine.Program;
import kvmlab.machine.Violation;
import org.junit.jupiter.api.Test;

class CompletionTest {

  private static Violation found(Program program) {
    return Objects.requireNonNull(
            new Explorer(program).model(MemoryModel.LKMM).explore().counterexample(),
            "nothing found")
        .violation();
  }

  private static void isSafe(Program program) {
    Explored explored = new Explorer(program).model(MemoryModel.LKMM).explore();
    assertThat(explored.counterexample()).isNull();
    assertThat(explored.exhausted()).isTrue();
  }

  @Test
  void waiterSeesWhatTheCompleterDid() {
    isSafe(setup -> {
      Completion done = new Completion("done");
      LongCell data = new LongCell("data", 0);
      setup.task(
          "waiter",
          () -> {
            done.waitForCompletion();
            assertThat(data.get()).isEqualTo(1);
          });
      setup.task(
          "completer",
          () -> {
            data.set(1);
            done.complete();
          });
    });
  }

  @Test
  void completionLetsOneWaiterGoOn() {
    assertThat(found(twoWaiters(false)).seen()).containsOnlyOnce("waits in wait_for_completion");
    isSafe(twoWaiters(true));
  }

  private static Program twoWaiters(boolean all) {
    return setup -> {
      Completion done = new Completion("done");
      setup.task("CPU 0", done::waitForCompletion);
      setup.task("CPU 1", done::waitForCompletion);
      setup.task("completer", all ? done::completeAll : done::complete);
    };
  }

  @Test
  void completionsAreCounted() {
    isSafe(setup -> {
      Completion done = new Completion("done");
      LongCell first = new LongCell("first", 0);
      LongCell second = new LongCell("second", 0);
      setup.task(
          "waiter",
          () -> {
            done.waitForCompletion();
            done.waitForCompletion();
            assertThat(first.get() + second.get()).isEqualTo(3);
          });
      setup.task(
          "CPU 0",
          () -> {
            first.set(1);
            done.complete();
          });
      setup.task(
          "CPU 1",
          () -> {
            second.set(2);
            done.complete();
          });
    });
  }

  @Test
  void whoTriesTakesOnlyWhatIsThere() {
    Set<String> seen = new TreeSet<>();
    boolean[] got = new boolean[3];
    new Explorer(
            setup -> {
              Completion done = new Completion("done");
              setup.task(
                  "CPU 0",
                  () -> {
                    got[0] = done.tryWaitForCompletion();
                    got[1] = done.completionDone();
                    got[2] = done.tryWaitForCompletion();
                  });
              setup.task("completer", done::complete);
            })
        .goOn()
        .onComplete((execution, violation) -> seen.add(got[0] + " " + got[1] + " " + got[2]))
        .explore();
    assertThat(seen)
        .containsExactly(
            "false false false", "false false true", "false true true", "true false false");
  }

  @Test
  void completeAllLastsForEver() {
    isSafe(setup -> {
      Completion done = new Completion("done");
      setup.task(
          "completer",
          () -> {
            done.completeAll();
            for (int i = 0; i < 2; i++) {
              done.waitForCompletion();
              assertThat(done.tryWaitForCompletion()).isTrue();
              assertThat(done.completionDone()).isTrue();
            }
          });
    });
  }
}
