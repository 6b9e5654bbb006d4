// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import kvmlab.explore.Explored;
import kvmlab.explore.Explorer;
import kvmlab.explore.MemoryModel;
import kvmlab.explore.Reduction;
import kvmlab.machine.Violation;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Generated programs over every primitive: what each says about which of its events commute is
/// true, because the reductions that rely on it see what the naive enumeration sees.
class PrimitivesFuzzTest {
  private static final int PROGRAMS = 500;
  private static final int NAIVE_MAX = 6_000;

  private record Op(int kind, boolean variant) {}

  private record Seen(Set<String> outcomes, Explored explored) {}

  @ParameterizedTest
  @EnumSource(MemoryModel.class)
  void declaredIndependenceIsTrue(MemoryModel model) {
    int compared = 0;
    for (int seed = 0; seed < PROGRAMS; seed++) {
      List<List<Op>> program = generate(new Random(seed));
      Seen naive = explore(program, model, Reduction.NONE);
      if (!naive.explored().exhausted()) {
        continue;
      }
      compared++;
      Seen sleep = explore(program, model, Reduction.SLEEP_SETS);
      Seen source = explore(program, model, Reduction.SOURCE_SETS);
      String what = "seed " + seed + ": " + program;
      assertThat(sleep.outcomes()).as(what).isEqualTo(naive.outcomes());
      assertThat(source.outcomes()).as(what).isEqualTo(naive.outcomes());
      assertThat(source.explored().complete()).as(what).isEqualTo(sleep.explored().complete());
    }
    assertThat(compared).as("programs small enough to enumerate").isGreaterThan(PROGRAMS / 2);
  }

  private static List<List<Op>> generate(Random random) {
    int tasks = 2 + random.nextInt(2);
    int[] kinds =
        switch (random.nextInt(4)) {
          case 0 -> new int[] {0, 0, 1, 8, 9};
          case 1 -> new int[] {2, 2, 3, 8, 9};
          case 2 -> new int[] {4, 5, 8, 9};
          default -> new int[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
        };
    List<List<Op>> program = new ArrayList<>();
    for (int i = 0; i < tasks; i++) {
      List<Op> ops = new ArrayList<>();
      int count = 1 + random.nextInt(tasks == 2 ? 4 : 3);
      for (int k = 0; k < count; k++) {
        ops.add(new Op(kinds[random.nextInt(kinds.length)], random.nextBoolean()));
      }
      program.add(ops);
    }
    return program;
  }

  private static Seen explore(List<List<Op>> code, MemoryModel model, Reduction reduction) {
    Set<String> outcomes = new TreeSet<>();
    Actor[] actors = new Actor[code.size()];
    Shared[] shared = new Shared[1];
    Explored explored =
        new Explorer(
                setup -> {
                  shared[0] = new Shared();
                  for (int i = 0; i < actors.length; i++) {
                    Actor actor = new Actor(shared[0], i);
                    List<Op> ops = code.get(i);
                    actors[i] = actor;
                    setup.task("t" + i, () -> actor.run(ops));
                  }
                })
            .model(model)
            .reduction(reduction)
            .executionsMax(NAIVE_MAX)
            .goOn()
            .onComplete(
                (execution, violation) -> outcomes.add(outcome(actors, shared[0], violation)))
            .explore();
    return new Seen(outcomes, explored);
  }

  private static String outcome(Actor[] actors, Shared shared, Violation violation) {
    String kind = violation == null ? "" : violation.kind().toString();
    return kind + Arrays.toString(actors) + shared.x.latest() + " " + shared.data.latest();
  }

  private static final class Shared {
    final Spinlock spin = Spinlock.define("spin");
    final RwSemaphore semaphore = RwSemaphore.define("semaphore");
    final SrcuStruct srcu = new SrcuStruct("srcu");
    final Rcuwait rcuwait = new Rcuwait("rcuwait");
    final LongCell x = new LongCell("x", 0);
    final LongCell data = new LongCell("data", 0).guardedBy(spin);
  }

  /// One task: opens what an operation opens, and closes all at its end.
  private static final class Actor {
    private final Shared shared;
    private final int id;
    private final StringBuilder seen = new StringBuilder();
    private boolean spinning;
    private int mode;
    private int section = -1;

    Actor(Shared shared, int id) {
      this.shared = shared;
      this.id = id;
    }

    void run(List<Op> ops) {
      for (Op op : ops) {
        perform(op);
      }
      if (spinning) {
        shared.spin.unlock();
      }
      closeSemaphore();
      closeSection();
      seen.append('.');
    }

    private void perform(Op op) {
      switch (op.kind()) {
        case 0 -> toggleSpin();
        case 1 -> {
          if (!spinning) {
            spinning = shared.spin.trylock();
            seen.append(spinning);
          }
        }
        case 2 -> {
          if (mode != 0) {
            closeSemaphore();
          } else if (spinning) {
            seen.append('-');
          } else if (op.variant()) {
            shared.semaphore.downRead();
            mode = 1;
          } else {
            shared.semaphore.downWrite();
            mode = 2;
          }
        }
        case 3 -> trySemaphore(op.variant());
        case 4 -> toggleSection();
        case 5 -> {
          if (section < 0 && !spinning) {
            shared.srcu.synchronize();
          }
        }
        case 6 -> {
          if (id == 0 && !spinning) {
            sleep(op.variant());
          } else {
            shared.rcuwait.wakeUp();
          }
        }
        case 7 -> Barriers.smpMb();
        case 8 -> shared.x.writeOnce(id + 1);
        default -> seen.append(shared.x.readOnce());
      }
    }

    private void toggleSpin() {
      if (spinning) {
        shared.data.set(shared.data.get() * 2 + id);
        shared.spin.unlock();
      } else {
        shared.spin.lock();
      }
      spinning = !spinning;
    }

    private void trySemaphore(boolean read) {
      if (mode == 2) {
        shared.semaphore.downgradeWrite();
        mode = 1;
      } else if (mode == 0) {
        boolean got =
            read ? shared.semaphore.downReadTrylock() : shared.semaphore.downWriteTrylock();
        mode = !got ? 0 : read ? 1 : 2;
        seen.append(mode);
      }
    }

    private void closeSemaphore() {
      if (mode == 1) {
        shared.semaphore.upRead();
      } else if (mode == 2) {
        shared.semaphore.upWrite();
      }
      mode = 0;
    }

    private void toggleSection() {
      if (section < 0) {
        section = shared.srcu.readLock();
      } else {
        closeSection();
      }
    }

    private void closeSection() {
      if (section >= 0) {
        shared.srcu.readUnlock(section);
      }
      section = -1;
    }

    private void sleep(boolean late) {
      shared.rcuwait.prepareToRcuwait();
      if (!late) {
        shared.rcuwait.setCurrentStateUninterruptible();
      }
      if (shared.x.readOnce() == 0) {
        if (late) {
          shared.rcuwait.setCurrentStateUninterruptible();
        }
        shared.rcuwait.schedule();
      }
      shared.rcuwait.finishRcuwait();
    }

    @Override
    public String toString() {
      return seen.toString();
    }
  }
}
