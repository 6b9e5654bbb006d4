// SPDX-License-Identifier: MIT
package kvmlab.lab.design;

import com.google.auto.service.AutoService;
import kvmlab.kvm.KvmOps;
import kvmlab.lab.World;
import kvmlab.mm.MmuNotifierRange;

/// The OOM reaper, which must not sleep, invalidates the page while it becomes guest memory.
@AutoService(Trial.class)
public final class ReaperRacesUpdate extends Trial {
  public ReaperRacesUpdate() {
    super("I11", "I14", "I16", "I20");
  }

  @Override
  protected void build(World world, KvmOps ops) {
    MmuNotifierRange reaped = new MmuNotifierRange(H1.start(), H1.end(), false);
    createsSlot(world, world.vm(ops));
    world.task("CPU 0 (oom_reaper)", () -> section(world, reaped));
  }
}
