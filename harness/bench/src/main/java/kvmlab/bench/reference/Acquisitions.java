// SPDX-License-Identifier: MIT
package kvmlab.bench.reference;

import java.util.Objects;
import kvmlab.explore.Explorer;
import kvmlab.explore.Replayed;
import kvmlab.explore.Route;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.InvalidateRange;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmConfig;
import kvmlab.kvm.KvmMemorySlot;
import kvmlab.kvm.KvmOps;
import kvmlab.machine.Setup;
import kvmlab.machine.TraceEvent;
import kvmlab.mm.Hva;
import kvmlab.mm.MmStruct;
import kvmlab.mm.MmuNotifierRange;

/// How often one invalidation takes `mmu_lock`: counted, so the same on every machine.
///
/// @param unrelated of memory that no memslot covers
/// @param guest of guest memory
record Acquisitions(long unrelated, long guest) {

  /// Counts them for `design`.
  static Acquisitions of(KvmOps design) {
    return new Acquisitions(count(design, Hva.page(1)), count(design, Hva.page(0)));
  }

  private static long count(KvmOps design, Hva page) {
    Replayed run = new Explorer(setup -> build(setup, design, page)).replay(Route.STRAIGHT);
    if (run.violation() != null) {
      throw new IllegalStateException(run.violation().seen());
    }
    return run.trace().events().stream().filter(Acquisitions::takesMmuLock).count();
  }

  private static void build(Setup setup, KvmOps design, Hva page) {
    MmStruct mm = new MmStruct(2);
    mm.mmap(Hva.page(0), Hva.page(2));
    Kvm kvm = Kvm.createVm(mm, KvmConfig.SMALL, design);
    kvm.setMemoryRegion(new KvmMemorySlot(0, new Gfn(0), 1, Hva.page(0)));
    // Without the host's list of subscribers: lockdep would object to some designs.
    InvalidateRange vm = Objects.requireNonNull(kvm.piece(InvalidateRange.class));
    MmuNotifierRange range = new MmuNotifierRange(page, page.plus(Hva.PAGE_SIZE), true);
    setup.task(
        "madvise",
        () -> {
          vm.invalidateRangeStart(range);
          vm.invalidateRangeEnd(range);
        });
  }

  private static boolean takesMmuLock(TraceEvent event) {
    return event.kind() == TraceEvent.Kind.SYNC
        && "mmu_lock".equals(event.object())
        && "acquired".equals(event.value());
  }
}
