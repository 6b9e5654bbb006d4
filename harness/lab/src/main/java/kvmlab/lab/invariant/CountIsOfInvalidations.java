// SPDX-License-Identifier: MIT
package kvmlab.lab.invariant;

import com.google.auto.service.AutoService;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmMemorySlot;
import kvmlab.lab.Invariant;
import kvmlab.lab.World;
import kvmlab.mm.MmuNotifierRange;
import org.jspecify.annotations.Nullable;

/// I11. `mmu_notifier_count` is never negative, is at least the number of invalidations of guest
/// memory that are in progress, and is 0 when none is.
///
/// At least, not exactly: start counts before it returns and end after it was called, and counting
/// an invalidation of other memory is slow, not wrong.
@AutoService(Invariant.class)
public final class CountIsOfInvalidations extends Invariant {
  private final List<Open> open = new ArrayList<>(2);
  private @Nullable World world;

  private record Open(Kvm kvm, MmuNotifierRange range) {}

  public CountIsOfInvalidations() {
    super("I11", "mmu_notifier_count counts the invalidations in progress");
  }

  @Override
  protected void begin(World begun) {
    world = begun;
  }

  @Override
  protected boolean standsConcurrency() {
    // A range is added after it was counted and removed before it is no longer: the count, read
    // first, is never behind the list.
    return true;
  }

  @Override
  public void rangeStarted(MmuNotifierRange range) {
    for (Kvm kvm : vms()) {
      if (kvm.isNotified() && isGuestMemory(kvm, range)) {
        open.add(new Open(kvm, range));
      }
    }
    check();
  }

  @Override
  public void rangeEnding(MmuNotifierRange range) {
    for (Kvm kvm : vms()) {
      open.remove(new Open(kvm, range));
    }
  }

  @Override
  public void rangeEnded(MmuNotifierRange range) {
    check();
  }

  @Override
  protected void atEnd() {
    for (Kvm kvm : vms()) {
      long count = kvm.mmuNotifierCount.latest();
      if (count != 0) {
        broken("every invalidation has ended, and mmu_notifier_count is " + count);
      }
    }
  }

  private void check() {
    for (Kvm kvm : vms()) {
      long count = kvm.mmuNotifierCount.latest();
      long inProgress = open.stream().filter(section -> section.kvm() == kvm).count();
      if (count < inProgress) {
        broken("mmu_notifier_count is " + count + " with " + inProgress + " in progress");
      }
    }
  }

  private static boolean isGuestMemory(Kvm kvm, MmuNotifierRange range) {
    for (int asId = 0; asId < kvm.addressSpaces(); asId++) {
      for (KvmMemorySlot slot : kvm.latestMemslots(asId).latestSlots()) {
        if (slot.userspaceAddr().compareTo(range.end()) < 0
            && range.start().compareTo(slot.userspaceEnd()) < 0) {
          return true;
        }
      }
    }
    return false;
  }

  private List<Kvm> vms() {
    return Objects.requireNonNull(world).vms();
  }
}
