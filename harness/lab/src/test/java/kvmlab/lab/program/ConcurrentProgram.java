// SPDX-License-Identifier: MIT
package kvmlab.lab.program;

import java.util.List;
import kvmlab.explore.MemoryModel;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmMemorySlot;
import kvmlab.kvm.Vcpu;
import kvmlab.kvm.design.Design;
import kvmlab.lab.Scenario;
import kvmlab.lab.World;
import kvmlab.mm.AddressSpace;
import kvmlab.mm.Hva;
import kvmlab.mm.Ksm;
import kvmlab.mm.Migrate;
import kvmlab.mm.MmStruct;
import kvmlab.mm.Prot;
import kvmlab.mm.Vmscan;

/// A generated program of a few tasks: what each does, on one virtual machine whose memslot 0 maps
/// `g0` and `g1` to `h0` and `h1`, which hold the same, and `g2` to a file's page at `h2`.
///
/// @param model what reads of marked memory may return
/// @param tasks what each task does, in order
record ConcurrentProgram(Design design, MemoryModel model, List<List<Step>> tasks)
    implements Scenario {

  /// What a task does. Every step makes sense whatever the others have done.
  enum Step {
    READ_G0(Needs.NOTHING),
    WRITE_G0(Needs.NOTHING),
    WRITE_G1(Needs.NOTHING),
    READ_G2(Needs.NOTHING),
    HOST_WRITES_H0(Needs.NOTHING),
    MADVISE_H0(Needs.SECTION),
    MADVISE_OTHER(Needs.SECTION),
    MUNMAP_H1(Needs.SECTION),
    MPROTECT_H0(Needs.SECTION),
    FORK(Needs.SECTION),
    MERGE_H0_AND_H1(Needs.SECTION),
    MIGRATE_H0(Needs.SECTION),
    RECLAIM_H1(Needs.SECTION),
    MREMAP_H1(Needs.SECTION),
    TRUNCATE(Needs.SECTION),
    CREATE_SLOT(Needs.FREEZE),
    MOVE_SLOT(Needs.FREEZE),
    DELETE_SLOT(Needs.FREEZE),
    LOG_DIRTY(Needs.FREEZE);

    /// What a design has to cope with.
    private enum Needs {
      NOTHING,
      /// The host opens a section.
      SECTION,
      /// The memslots change.
      FREEZE
    }

    private final Needs needs;

    Step(Needs needs) {
      this.needs = needs;
    }
  }

  /// Returns whether the design is meant to survive the program: it claims to, whatever came of it.
  ///
  /// Without a freeze, memslots must not change while a section may be open. A lock that is held
  /// from start to end is out of order behind the first section, so lockdep does not let pass any;
  /// those designs are asked about everything else.
  boolean isMeantToSurvive() {
    boolean sections = needs(Step.Needs.SECTION);
    return switch (design) {
      case UNCONDITIONAL, ACTIVE_COUNT -> true;
      case UNFROZEN -> !sections || !needs(Step.Needs.FREEZE);
      case RWSEM_V1, RWSEM_V2, RWLOCK -> !sections;
    };
  }

  private boolean needs(Step.Needs what) {
    return tasks.stream().flatMap(List::stream).anyMatch(step -> step.needs == what);
  }

  @Override
  public void build(World world) {
    Machine machine = new Machine(world, design);
    for (int i = 0; i < tasks.size(); i++) {
      List<Step> steps = tasks.get(i);
      Vcpu vcpu = machine.kvm.createVcpu();
      world.task("CPU " + i, () -> steps.forEach(step -> machine.perform(step, vcpu)));
    }
  }

  @Override
  public long executionsMax() {
    return 24;
  }

  @Override
  public int randomRuns() {
    return 6;
  }

  /// What the tasks share.
  private static final class Machine {
    private static final KvmMemorySlot ANONYMOUS = new KvmMemorySlot(0, new Gfn(0), 2, Hva.page(0));
    private static final KvmMemorySlot FILE = new KvmMemorySlot(1, new Gfn(2), 1, Hva.page(2));
    private static final KvmMemorySlot ALIAS = new KvmMemorySlot(2, new Gfn(3), 1, Hva.page(0));

    private final Kvm kvm;
    private final MmStruct mm;
    private final AddressSpace file = new AddressSpace(1);

    Machine(World world, Design design) {
      mm = world.mm();
      mm.munmap(Hva.page(2), Hva.page(4));
      mm.mmap(Hva.page(2), Hva.page(3), file, 0);
      mm.populate(Hva.page(0), Hva.page(3));
      kvm = world.vm(design.ops());
      kvm.setMemoryRegion(ANONYMOUS);
      kvm.setMemoryRegion(FILE);
    }

    void perform(Step step, Vcpu vcpu) {
      Hva h0 = Hva.page(0);
      Hva h1 = Hva.page(1);
      switch (step) {
        case READ_G0 -> vcpu.read(new Gfn(0));
        case WRITE_G0 -> vcpu.write(new Gfn(0));
        case WRITE_G1 -> vcpu.write(new Gfn(1));
        case READ_G2 -> vcpu.read(new Gfn(2));
        case HOST_WRITES_H0 -> mm.getUserPagesFast(h0, true);
        case MADVISE_H0 -> mm.madviseDontneed(h0, h1);
        case MADVISE_OTHER -> mm.madviseDontneed(Hva.page(5), Hva.page(6));
        case MUNMAP_H1 -> mm.munmap(h1, Hva.page(2));
        case MPROTECT_H0 -> mm.mprotect(h0, h1, Prot.READ);
        case FORK -> mm.fork();
        case MERGE_H0_AND_H1 -> Ksm.merge(mm, h0, h1);
        case MIGRATE_H0 -> Migrate.unmapAndMove(mm, h0);
        case RECLAIM_H1 -> {
          // The first try finds out that the page has been used.
          Vmscan.shrinkPage(mm, h1);
          Vmscan.shrinkPage(mm, h1);
        }
        // Once: then there is nothing at h1 any more.
        case MREMAP_H1 -> mm.mremap(h1, Hva.page(2), Hva.page(3));
        case TRUNCATE -> file.truncate(0);
        case CREATE_SLOT -> kvm.setMemoryRegion(ALIAS);
        case MOVE_SLOT -> kvm.setMemoryRegion(FILE.movedTo(new Gfn(3)));
        case DELETE_SLOT -> kvm.setMemoryRegion(ANONYMOUS.deleted());
        case LOG_DIRTY ->
            kvm.setMemoryRegion(ANONYMOUS.withFlags(KvmMemorySlot.KVM_MEM_LOG_DIRTY_PAGES));
      }
    }
  }
}
