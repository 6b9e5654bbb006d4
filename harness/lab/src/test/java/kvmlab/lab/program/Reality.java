// SPDX-License-Identifier: MIT
package kvmlab.lab.program;

import static kvmlab.kernel.Errno.EEXIST;
import static kvmlab.kernel.Errno.EINVAL;
import static kvmlab.kernel.Errno.ENOENT;
import static kvmlab.kvm.KvmMemorySlot.KVM_MEM_LOG_DIRTY_PAGES;
import static kvmlab.kvm.KvmMemorySlot.KVM_MEM_READONLY;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmConfig;
import kvmlab.kvm.KvmExit;
import kvmlab.kvm.KvmMemorySlot;
import kvmlab.kvm.KvmOps;
import kvmlab.kvm.Vcpu;
import kvmlab.lab.World;
import kvmlab.mm.AddressSpace;
import kvmlab.mm.Hva;
import kvmlab.mm.Khugepaged;
import kvmlab.mm.Ksm;
import kvmlab.mm.Migrate;
import kvmlab.mm.MmStruct;
import kvmlab.mm.OomReaper;
import kvmlab.mm.Pfn;
import kvmlab.mm.Prot;
import kvmlab.mm.Vmscan;
import org.jspecify.annotations.Nullable;

/// Performs operations on the machine that is modelled: two virtual machines in one address space,
/// one with two virtual processors, one with one.
final class Reality {
  private final boolean hugePages;
  private final MmStruct mm;
  private final AddressSpace file = new AddressSpace(Model.FILE_PAGES);
  private final List<Kvm> vms = new ArrayList<>();
  private final List<Vcpu> vcpus = new ArrayList<>();
  private @Nullable MmStruct child;
  private int hugeEntries;

  /// @param hugePages whether host and guest may have huge pages
  Reality(World world, KvmOps ops, boolean hugePages) {
    this.hugePages = hugePages;
    mm = world.mm();
    KvmConfig config = KvmConfig.SMALL;
    if (hugePages) {
      config = config.withHugePages();
      mm.madviseHugepage(Hva.page(0), Hva.page(Model.HOST_PAGES));
    }
    mm.munmap(Hva.page(Model.MAPPED_PAGES), Hva.page(Model.HOST_PAGES));
    for (int vm = 0; vm < 2; vm++) {
      vms.add(world.vm(ops, config.withAddressSpaces(2)));
    }
    vcpus.add(vms.get(0).createVcpu());
    vcpus.add(vms.get(0).createVcpu());
    vcpus.add(vms.get(1).createVcpu());
  }

  /// Performs `op`, which the model has not skipped, and says what it came to in the model's words.
  String perform(Op op) {
    Hva a = Hva.page(op.a());
    Hva end = Hva.page(Model.end(op.a(), op.pages()));
    return switch (op.kind()) {
      case GUEST_READ -> guest(op, false);
      case GUEST_WRITE -> guest(op, true);
      case GUEST_SMM -> {
        Vcpu vcpu = vcpus.get(op.vcpu());
        yield done(() -> vcpu.setSmm(vcpu.asId() == 0));
      }
      case HOST_READ -> read(mm, a);
      case HOST_WRITE -> write(mm, a, Model.value(op));
      case CHILD_READ -> read(Objects.requireNonNull(child), a);
      case CHILD_WRITE -> write(Objects.requireNonNull(child), a, Model.value(op));
      case MMAP -> done(() -> mm.mmap(a, end));
      case MMAP_FILE -> done(() -> mm.mmap(a, end, file, op.c() % Model.FILE_PAGES));
      case MUNMAP -> done(() -> mm.munmap(a, end));
      case MADVISE_DONTNEED -> done(() -> mm.madviseDontneed(a, end));
      case MADVISE_HUGEPAGE ->
          done(() -> {
            if (hugePages) {
              mm.madviseHugepage(a, end);
            }
          });
      case MPROTECT_READ -> done(() -> mm.mprotect(a, end, Prot.READ));
      case MPROTECT_WRITE -> done(() -> mm.mprotect(a, end, Prot.READ_WRITE));
      case MREMAP -> done(() -> mm.mremap(a, a.plus(Hva.PAGE_SIZE), Hva.page(op.b())));
      case FORK -> done(() -> child = mm.fork());
      case KSM_MERGE -> done(() -> Ksm.merge(mm, a, Hva.page(op.b())));
      case RECLAIM ->
          done(() -> {
            // The first try finds out that the page has been used.
            Vmscan.shrinkPage(mm, a);
            Vmscan.shrinkPage(mm, a);
          });
      case MIGRATE -> done(() -> Migrate.unmapAndMove(mm, a));
      case COLLAPSE -> done(() -> Khugepaged.collapse(mm, a));
      case OOM_REAP ->
          done(() -> {
            OomReaper.markOomVictim(mm);
            OomReaper.oomReapTaskMm(mm);
          });
      case TRUNCATE -> done(() -> file.truncate(op.a() % Model.FILE_PAGES));
      case PUNCH_HOLE -> {
        int page = op.a() % Model.FILE_PAGES;
        yield done(() -> file.punchHole(page, page + 1));
      }
      case SLOT_CREATE -> set(op, created(op, 0));
      case SLOT_CREATE_READONLY -> set(op, created(op, KVM_MEM_READONLY));
      case SLOT_CREATE_LOGGING -> set(op, created(op, KVM_MEM_LOG_DIRTY_PAGES));
      case SLOT_DELETE -> {
        KvmMemorySlot none = new KvmMemorySlot(op.slotId(), op.asId(), new Gfn(0), 1, Hva.page(0));
        yield set(op, none.deleted());
      }
      case SLOT_MOVE -> set(op, slot(op).movedTo(new Gfn(op.b() % Model.GUEST_PAGES)));
      case SLOT_LOG_DIRTY ->
          set(op, slot(op).withFlags(slot(op).flags() ^ KVM_MEM_LOG_DIRTY_PAGES));
      case GET_DIRTY_LOG -> {
        long log = vms.get(op.vm()).getDirtyLog(op.asId(), op.slotId());
        yield log == -ENOENT ? "ENOENT" : "log " + log;
      }
    };
  }

  private static String done(Runnable operation) {
    operation.run();
    return "done";
  }

  // ---- accesses

  private String guest(Op op, boolean write) {
    Vcpu vcpu = vcpus.get(op.vcpu());
    Gfn gfn = new Gfn(op.b() % Model.GUEST_PAGES);
    KvmExit exit = write ? vcpu.write(gfn) : vcpu.read(gfn);
    if (exit != KvmExit.DONE) {
      return exit.name();
    }
    Pfn[] pfn = new Pfn[1];
    vcpu.forEachLatest((translated, spte) -> {
      if (translated.equals(gfn)) {
        pfn[0] = spte.pfn(gfn);
        hugeEntries += spte.huge() ? 1 : 0;
      }
    });
    // Where the instruction went: the TLB knows, for nobody has flushed it since.
    return write ? store(mm, pfn[0], Model.value(op)) : load(mm, pfn[0]);
  }

  private static String read(MmStruct mm, Hva hva) {
    Pfn pfn = mm.getUserPagesFast(hva, false);
    return pfn.isError() ? "EFAULT" : load(mm, pfn);
  }

  private static String write(MmStruct mm, Hva hva, long value) {
    Pfn pfn = mm.getUserPagesFast(hva, true);
    return pfn.isError() ? "EFAULT" : store(mm, pfn, value);
  }

  private static String load(MmStruct mm, Pfn pfn) {
    return "reads " + mm.frame(pfn).load();
  }

  private static String store(MmStruct mm, Pfn pfn, long value) {
    mm.frame(pfn).store(value);
    return "writes " + value;
  }

  /// Returns how many accesses of the guest went through huge entries.
  int hugeEntries() {
    return hugeEntries;
  }

  // ---- memslots

  private KvmMemorySlot created(Op op, int flags) {
    int base = op.b() % Model.GUEST_PAGES;
    int pages = Model.slotPages(base, op.c());
    return new KvmMemorySlot(op.slotId(), op.asId(), new Gfn(base), pages, Hva.page(op.c()))
        .withFlags(flags);
  }

  private KvmMemorySlot slot(Op op) {
    return Objects.requireNonNull(
        vms.get(op.vm()).latestMemslots(op.asId()).idToMemslot(op.slotId()));
  }

  private String set(Op op, KvmMemorySlot slot) {
    int error = vms.get(op.vm()).setMemoryRegion(slot);
    return switch (-error) {
      case EEXIST -> "EEXIST";
      case EINVAL -> "EINVAL";
      default -> String.valueOf(error);
    };
  }
}
