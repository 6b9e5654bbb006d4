// SPDX-License-Identifier: MIT
package kvmlab.lab.invariant;

import com.google.auto.service.AutoService;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import kvmlab.kernel.Lockdep;
import kvmlab.kvm.Kvm;
import kvmlab.lab.Invariant;
import kvmlab.machine.Engine;
import kvmlab.machine.Task;
import kvmlab.mm.MmuNotifierRange;

/// I19. A VM holds no lock from start to end: in between the host sleeps, reschedules, takes locks,
/// and starts further sections.
///
/// Judged at the return of start, by the locks of the calling task alone, so no other task's order
/// matters. An open read section of SRCU is no lock: nobody who wants to open one waits for it.
@AutoService(Invariant.class)
public final class StartHoldsNoLockOn extends Invariant {
  private final Map<Task, List<String>> heldBefore = new HashMap<>();

  public StartHoldsNoLockOn() {
    super("I19", "invalidate_range_start returns with the locks with which it was called");
  }

  @Override
  protected boolean standsConcurrency() {
    // The locks are the calling task's own, so nobody changes them meanwhile.
    return true;
  }

  @Override
  public void startEntered(Kvm kvm, MmuNotifierRange range) {
    heldBefore.put(Engine.current().task(), Lockdep.held());
  }

  @Override
  public void startReturned(Kvm kvm, MmuNotifierRange range, int error) {
    List<String> kept = new ArrayList<>(Lockdep.held());
    Objects.requireNonNull(heldBefore.remove(Engine.current().task())).forEach(kept::remove);
    if (!kept.isEmpty()) {
      broken("start(" + range + ") has returned and holds on to " + String.join(", ", kept));
    }
  }
}
