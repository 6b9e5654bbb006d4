// SPDX-License-Identifier: MIT
package kvmlab.lab.catalogue;

import static kvmlab.lab.LabAssertions.assertThat;
import static kvmlab.lab.catalogue.Walks.H0;
import static kvmlab.lab.catalogue.Walks.H1;
import static kvmlab.lab.catalogue.Walks.H4;
import static kvmlab.lab.catalogue.Walks.assertBreaks;
import static kvmlab.lab.catalogue.Walks.assertHolds;
import static kvmlab.lab.catalogue.Walks.eliding;
import static kvmlab.lab.catalogue.Walks.explore;
import static kvmlab.lab.catalogue.Walks.section;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import kvmlab.kernel.Sched;
import kvmlab.kernel.TaskState;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmMemorySlot;
import kvmlab.kvm.KvmMemslots;
import kvmlab.kvm.KvmOps;
import kvmlab.kvm.design.Design;
import kvmlab.lab.Exploration;
import kvmlab.lab.design.LastOneOutWakes;
import kvmlab.lab.design.MemslotCreatedInside;
import kvmlab.lab.design.NestedSections;
import kvmlab.lab.design.Trial;
import kvmlab.mm.Hva;
import kvmlab.mm.MmuNotifierRange;
import org.junit.jupiter.api.Test;

/// Group K: the counter and the rcuwait.
class GroupKTest {
  private static final KvmMemorySlot SLOT = new KvmMemorySlot(1, new Gfn(1), 1, Hva.page(1));

  @Test
  void mergedDesignInPartsIsSafe() {
    Trial.all().forEach(trial -> assertHolds(trial, eliding(Counted::new)));
  }

  @Test
  void k1WakesBeforeItCountsDown() {
    assertBreaks(
        new LastOneOutWakes(),
        eliding(kvm ->
            new Counted(kvm) {
              @Override
              void leave(MmuNotifierRange range) {
                if (active.readOnce() == 1) {
                  waiter.wakeUp();
                }
                uncount();
              }
            }),
        "I32");
  }

  @Test
  void k2WakesOnlyIfItWasGuestMemory() {
    assertBreaks(
        new LastOneOutWakes(),
        eliding(kvm ->
            new Counted(kvm) {
              @Override
              void leave(MmuNotifierRange range) {
                if (uncount() == 0 && !range.equals(H4)) {
                  waiter.wakeUp();
                }
              }
            }),
        "I32");
  }

  @Test
  void k4AsksOnce() {
    KvmOps ops =
        eliding(kvm ->
            new Counted(kvm) {
              @Override
              void publish(int asId, KvmMemslots slots) {
                lock.lock();
                waiter.prepareToRcuwait();
                if (active.get() != 0) {
                  sleep();
                }
                waiter.finishRcuwait();
                kvm.publishMemslots(asId, slots);
                lock.unlock();
              }
            });
    assertThat(
            explore(
                Set.of("I16"),
                world -> {
                  Kvm kvm = world.vm(ops);
                  world.task("CPU 0 (madvise)", () -> section(world, H1));
                  world.task("CPU 2 (madvise)", () -> section(world, H1));
                  world.task("CPU 1 (ioctl)", () -> kvm.setMemoryRegion(SLOT));
                }))
        .breaks("I16");
  }

  @Test
  void k5PublishesAfterTheLock() {
    KvmOps ops =
        eliding(kvm ->
            new Counted(kvm) {
              @Override
              void publish(int asId, KvmMemslots slots) {
                lock.lock();
                waiter.prepareToRcuwait();
                while (active.get() != 0) {
                  sleep();
                }
                waiter.finishRcuwait();
                lock.unlock();
                kvm.publishMemslots(asId, slots);
              }
            });
    assertBreaks(new MemslotCreatedInside(), ops, "I16");
    assertBreaks(new MemslotCreatedInside(), ops, "I14");
  }

  @Test
  void k6SleepsWithTheLock() {
    assertBreaks(
        new MemslotCreatedInside(),
        eliding(kvm ->
            new Counted(kvm) {
              @Override
              void sleep() {
                waiter.setCurrentStateUninterruptible();
                waiter.schedule();
              }
            }),
        "I18");
  }

  @Test
  void k7RegistersAfterTheTest() {
    assertBreaks(
        new LastOneOutWakes(),
        eliding(kvm ->
            new Counted(kvm) {
              @Override
              void publish(int asId, KvmMemslots slots) {
                lock.lock();
                while (active.get() != 0) {
                  lock.unlock();
                  waiter.prepareToRcuwait();
                  waiter.setCurrentStateUninterruptible();
                  waiter.schedule();
                  lock.lock();
                }
                waiter.finishRcuwait();
                kvm.publishMemslots(asId, slots);
                lock.unlock();
              }
            }),
        "I32");
  }

  @Test
  void k7SetsItsStateAfterTheLock() {
    assertBreaks(
        new LastOneOutWakes(),
        eliding(kvm ->
            new Counted(kvm) {
              @Override
              void sleep() {
                lock.unlock();
                waiter.setCurrentStateUninterruptible();
                waiter.schedule();
                lock.lock();
              }
            }),
        "I32");
  }

  @Test
  void k8StaysRegistered() {
    KvmOps ops =
        eliding(kvm ->
            new Counted(kvm) {
              @Override
              void finish() {
                Sched.setCurrentState(TaskState.TASK_RUNNING);
              }
            });
    assertThat(
            explore(world -> {
              Kvm kvm = world.vm(ops);
              world.task("CPU 0 (ioctl)", () -> kvm.setMemoryRegion(SLOT));
              world.task("CPU 1 (ioctl)", () -> kvm.setMemoryRegion(SLOT.deleted()));
            }))
        .breaks("I32");
  }

  @Test
  void k9SecondWaiter() {
    assertThat(
            explore(world -> {
              Counted[] design = new Counted[1];
              Kvm kvm =
                  world.vm(
                      eliding(it -> {
                        design[0] = new Counted(it);
                        return design[0];
                      }));
              world.task("CPU 0 (madvise)", () -> section(world, H1));
              world.task("CPU 1 (ioctl)", () -> kvm.setMemoryRegion(SLOT));
              // What a refresh of a side cache would do.
              world.task(
                  "CPU 2 (refresh)",
                  () -> {
                    design[0].lock.lock();
                    design[0].waiter.prepareToRcuwait();
                    while (design[0].active.get() != 0) {
                      design[0].sleep();
                    }
                    design[0].waiter.finishRcuwait();
                    design[0].lock.unlock();
                  });
            }))
        .breaks("I32");
  }

  @Test
  void k11CountsWithoutTheLock() {
    assertBreaks(
        new MemslotCreatedInside(),
        eliding(kvm ->
            new Counted(kvm) {
              @Override
              void enter(MmuNotifierRange range) {
                active.fetchAdd(1);
              }

              @Override
              long count() {
                return active.readOnce();
              }

              @Override
              long uncount() {
                return active.fetchAdd(-1) - 1;
              }
            }),
        "I16");
  }

  @Test
  void k12CountsWhatSucceedsAndUncountsAll() {
    // An end without its start's count, as the core sends it when another subscriber has failed.
    assertThat(
            explore(
                Set.of("I15"),
                world -> {
                  world.vm(
                      eliding(kvm ->
                          new Counted(kvm) {
                            @Override
                            void enter(MmuNotifierRange range) {
                              if (range.blockable()) {
                                super.enter(range);
                              }
                            }
                          }));
                  world.task("CPU 0 (oom_reaper)", () -> section(world, Walks.nonBlockable(H1)));
                }))
        .breaks("I15");
  }

  @Test
  void k13UncountsBelowZero() {
    KvmOps hardened =
        eliding(kvm ->
            new Counted(kvm) {
              @Override
              long uncount() {
                lock.lock();
                long left = Math.max(0, active.get() - 1);
                active.writeOnce(left);
                lock.unlock();
                return left;
              }
            });
    assertThat(endWithoutStart(Design.ACTIVE_COUNT.ops()).verdict()).isEqualTo("STUCK");
    assertThat(endWithoutStart(hardened)).isSafe();
  }

  private static Exploration endWithoutStart(KvmOps ops) {
    return explore(
        Set.of(),
        world -> {
          Kvm kvm = world.vm(ops);
          world.task(
              "CPU 0 (madvise)",
              () -> {
                world.mm().notifierSubscriptions().invalidateRangeEnd(H1);
                kvm.setMemoryRegion(SLOT);
              });
        });
  }

  @Test
  void k14StartsWaitForTheUpdate() {
    assertBreaks(
        new NestedSections(),
        eliding(kvm ->
            new Counted(kvm) {
              @Override
              void enter(MmuNotifierRange range) {
                while (waiter.active()) {
                  Sched.cpuRelax();
                }
                super.enter(range);
              }
            }),
        "I34");
  }

  @Test
  void k15UpdatesInsideItsOwnSection() {
    Exploration update =
        explore(
            Set.of(),
            world -> {
              Kvm kvm = world.vm(eliding(Counted::new));
              world.task(
                  "CPU 0 (ioctl)", () -> section(world, H0, () -> kvm.setMemoryRegion(SLOT)));
            });
    assertThat(update.verdict()).isEqualTo("STUCK");
  }
}
