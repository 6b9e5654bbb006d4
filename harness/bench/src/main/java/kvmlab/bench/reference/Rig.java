// SPDX-License-Identifier: MIT
package kvmlab.bench.reference;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import kvmlab.explore.stress.Stress;
import kvmlab.explore.stress.Stressed;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.InvalidateRange;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmConfig;
import kvmlab.kvm.KvmMemorySlot;
import kvmlab.kvm.KvmOps;
import kvmlab.kvm.RetPf;
import kvmlab.kvm.Vcpu;
import kvmlab.machine.Program;
import kvmlab.machine.Setup;
import kvmlab.mm.Hva;
import kvmlab.mm.MmStruct;
import kvmlab.mm.MmuNotifierRange;

/// One VM on real threads, kept busy with one workload for a while.
///
/// The host's part of an invalidation, its page table, its locks and its list of subscribers, is
/// left out: a task calls start and end of the VM by itself. So lockdep sees no callback, and a
/// design that it objects to is measured, too. Each task has a page of its own, so that what they
/// share is the protocol.
final class Rig implements Program {

  // Of the engine that runs the tasks: an event costs some 10 to 100 ns, a lock that is waited for
  // costs a context switch. Both are many times what they cost a kernel, and the same for every
  // design: a ratio of two designs tells which waits more often, a rate tells nothing.

  /// What a workload came to.
  ///
  /// @param operations how often an operation was done
  /// @param retries how many faults had to start over
  /// @param seconds how long it took
  record Result(long operations, long retries, double seconds) {}

  private static final int TASKS_MAX = 16;
  private static final int GUEST_PAGES = 32;
  private static final long OTHER_PAGES = 32;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final double NANOS = 1e9;

  private final KvmOps design;
  private final Workload workload;
  private final int tasks;
  private final long nanos;
  private final AtomicLong operations = new AtomicLong();
  private final AtomicLong retries = new AtomicLong();
  private long begun;

  private Rig(KvmOps design, Workload workload, int tasks, double seconds) {
    this.design = design;
    this.workload = workload;
    this.tasks = tasks;
    this.nanos = (long) (seconds * NANOS);
  }

  /// One step of a task; returns whether it counts.
  @FunctionalInterface
  private interface Step {
    boolean done();
  }

  /// Keeps a VM of `design` busy for so many seconds.
  static Result run(KvmOps design, Workload workload, int tasks, double seconds) {
    Rig rig = new Rig(design, workload, tasks, seconds);
    Stressed run = new Stress(rig).quiet().roundsMax(1).patience(PATIENCE).run();
    if (run.wrong() > 0) {
      throw new IllegalStateException(run.sightings().getFirst().violation().seen());
    }
    return new Result(rig.operations.get(), rig.retries.get(), seconds);
  }

  @Override
  public void build(Setup setup) {
    MmStruct mm = new MmStruct((int) (GUEST_PAGES + OTHER_PAGES));
    mm.mmap(Hva.page(0), Hva.page(GUEST_PAGES + OTHER_PAGES));
    mm.populate(Hva.page(0), Hva.page(GUEST_PAGES));
    Kvm kvm = Kvm.createVm(mm, KvmConfig.SMALL.withGuestPages(GUEST_PAGES + 2 * TASKS_MAX), design);
    kvm.setMemoryRegion(new KvmMemorySlot(0, new Gfn(0), GUEST_PAGES, Hva.page(0)));
    InvalidateRange vm = Objects.requireNonNull(kvm.piece(InvalidateRange.class));
    switch (workload) {
      case UNRELATED -> storm(setup, vm, GUEST_PAGES, true);
      case GUEST -> storm(setup, vm, 0, true);
      case FAULTS -> {
        for (int i = 0; i < tasks; i++) {
          faults(setup, kvm.createVcpu(), i);
        }
      }
      case SLOTS -> {
        for (int i = 0; i < tasks; i++) {
          updates(setup, kvm, i);
        }
      }
      case STORM -> {
        faults(setup, kvm.createVcpu(), 0);
        storm(setup, vm, GUEST_PAGES, false);
      }
      case SLOTS_IN_STORM -> {
        updates(setup, kvm, 0);
        storm(setup, vm, GUEST_PAGES, false);
      }
    }
    begun = System.nanoTime();
  }

  private void storm(Setup setup, InvalidateRange vm, int from, boolean counted) {
    for (int i = 0; i < tasks; i++) {
      Hva page = Hva.page(from + i);
      MmuNotifierRange range = new MmuNotifierRange(page, page.plus(Hva.PAGE_SIZE), true);
      task(
          setup,
          "invalidates " + page,
          () -> {
            vm.invalidateRangeStart(range);
            vm.invalidateRangeEnd(range);
            return counted;
          });
    }
  }

  private void faults(Setup setup, Vcpu vcpu, int page) {
    Gfn gfn = new Gfn(page);
    Kvm kvm = vcpu.kvm();
    task(
        setup,
        "faults on " + gfn,
        () -> {
          int index = kvm.srcu.readLock();
          RetPf ret = kvm.directPageFault(vcpu, gfn, true);
          kvm.srcu.readUnlock(index);
          if (ret == RetPf.RETRY) {
            retries.incrementAndGet();
          }
          return ret != RetPf.RETRY;
        });
  }

  /// Moves a memslot to and fro; its memory is that of another one.
  private void updates(Setup setup, Kvm kvm, int task) {
    KvmMemorySlot[] either = new KvmMemorySlot[2];
    for (int i = 0; i < 2; i++) {
      either[i] =
          new KvmMemorySlot(task + 1, new Gfn(GUEST_PAGES + 2 * task + i), 1, Hva.page(task));
    }
    int[] turn = {0};
    task(
        setup,
        "moves slot " + (task + 1),
        () -> {
          return kvm.setMemoryRegion(either[turn[0]++ & 1]) == 0;
        });
  }

  private void task(Setup setup, String name, Step step) {
    setup.task(
        name,
        () -> {
          long count = 0;
          // At least once: the time may be over before the task is let run.
          do {
            if (step.done()) {
              count++;
            }
          } while (System.nanoTime() - begun < nanos);
          operations.addAndGet(count);
        });
  }
}
