// SPDX-License-Identifier: MIT
package kvmlab.lab.invariant;

import com.google.auto.service.AutoService;
import java.util.Objects;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.design.CountsInvalidations;
import kvmlab.lab.Invariant;
import kvmlab.lab.World;
import org.jspecify.annotations.Nullable;

/// I15. `mn_active_invalidate_count` counts every invalidation from the call of its start to the
/// return of its end, of guest memory or not. For designs that have it.
///
/// Between a bound and a bound: an invalidation that has returned from its start is counted, one
/// that has not been told to begin is not.
@AutoService(Invariant.class)
public final class ActiveIsOfInvalidations extends Sections {
  private @Nullable World world;

  public ActiveIsOfInvalidations() {
    super("I15", "mn_active_invalidate_count counts the invalidations under way");
  }

  @Override
  protected void begin(World begun) {
    world = begun;
  }

  @Override
  void started(Section section) {
    check(section.kvm);
  }

  @Override
  void ending(Section section) {
    check(section.kvm);
  }

  @Override
  void ended(Section section) {
    check(section.kvm);
  }

  @Override
  protected void atEnd() {
    // The count of a VM that is gone has been set back: a start whose end did not come is no more.
    for (Kvm kvm : Objects.requireNonNull(world).vms()) {
      check(kvm, 0);
    }
  }

  private void check(Kvm kvm) {
    check(kvm, open().stream().filter(one -> one.kvm == kvm && one.isBetween()).count());
  }

  private void check(Kvm kvm, long least) {
    CountsInvalidations design = kvm.piece(CountsInvalidations.class);
    if (design == null) {
      return;
    }
    long active = design.latestActiveInvalidations();
    long most = open().stream().filter(one -> one.kvm == kvm).count();
    if (active < least || active > most) {
      String known = least == most ? least + "" : least + " to " + most;
      broken("mn_active_invalidate_count is " + active + " with " + known + " under way");
    }
  }
}
