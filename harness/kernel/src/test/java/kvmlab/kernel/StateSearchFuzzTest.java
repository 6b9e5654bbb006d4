// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import kvmlab.explore.Explored;
import kvmlab.explore.Explorer;
import kvmlab.explore.Reduction;
import kvmlab.machine.Engine;
import org.junit.jupiter.api.Test;

/// Generated programs over every primitive: what each says of its state is enough, because a search
/// that tells states apart by it sees what the naive enumeration sees. Tasks forget what they have
/// read after each operation, so that nothing else tells the states apart.
class StateSearchFuzzTest {
  private static final int PROGRAMS = 300;
  private static final int NAIVE_MAX = 6_000;

  private record Op(int kind, boolean variant) {}

  private record Seen(Set<String> outcomes, Explored explored) {}

  @Test
  void declaredStatesTellAllApart() {
    int compared = 0;
    for (int seed = 0; seed < PROGRAMS; seed++) {
      List<List<Op>> code = generate(new Random(seed));
      Seen naive = explore(code, Reduction.NONE);
      if (!naive.explored().exhausted()) {
        continue;
      }
      compared++;
      Seen states = explore(code, Reduction.STATES);
      String what = "seed " + seed + ": " + code;
      assertThat(states.outcomes()).as(what).isEqualTo(naive.outcomes());
      assertThat(states.explored().exhausted()).as(what).isTrue();
    }
    assertThat(compared).as("programs small enough to enumerate").isGreaterThan(PROGRAMS / 3);
  }

  private static List<List<Op>> generate(Random random) {
    int[] kinds =
        switch (random.nextInt(7)) {
          case 0 -> new int[] {0, 0, 1, 8};
          case 1 -> new int[] {2, 2, 3, 8};
          case 2 -> new int[] {4, 5, 8, 9};
          case 3 -> new int[] {6, 7, 8, 9};
          case 4 -> new int[] {10, 11, 12, 9};
          case 5 -> new int[] {8, 9, 13, 14};
          default -> new int[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14};
        };
    int tasks = 2 + random.nextInt(2);
    List<List<Op>> code = new ArrayList<>();
    for (int i = 0; i < tasks; i++) {
      List<Op> ops = new ArrayList<>();
      int count = 1 + random.nextInt(tasks == 2 ? 3 : 2);
      for (int k = 0; k < count; k++) {
        ops.add(new Op(kinds[random.nextInt(kinds.length)], random.nextBoolean()));
      }
      code.add(ops);
    }
    return code;
  }

  private static Seen explore(List<List<Op>> code, Reduction reduction) {
    Set<String> outcomes = new TreeSet<>();
    Shared[] shared = new Shared[1];
    Explored explored =
        new Explorer(
                setup -> {
                  Shared all = new Shared();
                  shared[0] = all;
                  for (int i = 0; i < code.size(); i++) {
                    List<Op> ops = code.get(i);
                    int me = i;
                    setup.task("t" + i, () -> run(all, me, ops));
                  }
                })
            .reduction(reduction)
            .executionsMax(reduction == Reduction.NONE ? NAIVE_MAX : Long.MAX_VALUE)
            .goOn()
            .onComplete((execution, violation) ->
                outcomes.add(
                    shared[0].log.latest()
                        + " "
                        + shared[0].guarded.latest()
                        + " "
                        + shared[0].x.latest()
                        + (violation == null ? "" : " " + violation.kind())))
            .explore();
    return new Seen(outcomes, explored);
  }

  private static final class Shared {
    final Spinlock spin = Spinlock.define("spin");
    final RwSemaphore semaphore = RwSemaphore.define("semaphore");
    final SrcuStruct srcu = SrcuStruct.define("srcu");
    final Rcuwait rcuwait = new Rcuwait("rcuwait");
    final WaitQueueHead queue = new WaitQueueHead("queue");
    final Completion completion = new Completion("completion");
    final LongCell x = new LongCell("x", 0);

    final LongCell guarded = new LongCell("guarded", 1).guardedBy(spin);

    /// What happened, as a number: all that the outcome tells beside x.
    final LongCell log = new LongCell("log", 0);

    void log(int digit) {
      log.fetchAddRelaxed(log.readOnce() * 9 + digit);
    }
  }

  private static void run(Shared shared, int me, List<Op> ops) {
    for (int i = 0; i < ops.size(); i++) {
      perform(shared, me, ops.get(i));
      Engine.current().boundary(i + 1);
    }
  }

  private static void perform(Shared shared, int me, Op op) {
    switch (op.kind()) {
      case 0 -> {
        shared.spin.lock();
        shared.log(me + 1);
        shared.spin.unlock();
      }
      case 1 -> {
        if (shared.spin.trylock()) {
          shared.spin.unlock();
        } else {
          shared.log(4);
        }
      }
      case 2 -> {
        if (op.variant()) {
          shared.semaphore.downRead();
          shared.x.writeOnce(me);
          shared.semaphore.upRead();
        } else {
          shared.semaphore.downWrite();
          shared.log(me + 1);
          shared.semaphore.upWrite();
        }
      }
      case 3 -> {
        if (op.variant() ? !shared.semaphore.downReadTrylock() : false) {
          shared.log(5);
        } else if (op.variant()) {
          shared.semaphore.upRead();
        } else if (shared.semaphore.downWriteTrylock()) {
          shared.semaphore.downgradeWrite();
          shared.semaphore.upRead();
        }
      }
      case 4 -> {
        int section = shared.srcu.readLock();
        if (shared.x.readOnce() == 7) {
          shared.log(6);
        }
        shared.srcu.readUnlock(section);
      }
      case 5 -> {
        shared.x.writeOnce(7);
        shared.srcu.synchronize();
        shared.x.writeOnce(me);
      }
      case 6 -> {
        if (me == 0) {
          sleep(shared, op.variant());
        } else {
          shared.rcuwait.wakeUp();
        }
      }
      case 7 -> {
        if (me == 1) {
          shared.queue.waitEvent(() -> shared.x.readOnce() != 0);
        } else {
          shared.x.writeOnce(2);
          shared.queue.wakeUp();
        }
      }
      case 8 -> shared.x.writeOnce(me + 1);
      case 9 -> {
        if (shared.x.readOnce() == 0) {
          shared.log(7);
        }
      }
      case 10 -> {
        shared.completion.waitForCompletion();
        shared.log(me + 1);
      }
      case 11 -> {
        if (op.variant()) {
          shared.completion.complete();
        } else {
          shared.completion.completeAll();
        }
      }
      case 12 -> {
        if (!(op.variant()
            ? shared.completion.tryWaitForCompletion()
            : shared.completion.completionDone())) {
          shared.log(8);
        }
      }
      case 13 -> {
        Kthread thread = Kthread.run("k", () -> shared.x.writeOnce(3));
        if (op.variant()) {
          thread.stop();
        }
      }
      default -> {
        shared.spin.lock();
        shared.guarded.set(shared.guarded.get() * 3 + me);
        shared.spin.unlock();
      }
    }
  }

  private static void sleep(Shared shared, boolean late) {
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
}
