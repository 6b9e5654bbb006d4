// SPDX-License-Identifier: MIT
package kvmlab.lab.design;

import com.google.auto.service.AutoService;
import kvmlab.kernel.Sched;
import kvmlab.kvm.KvmOps;
import kvmlab.lab.World;

/// The host gives up its CPU between start and end, as unmapping a large range does.
@AutoService(Trial.class)
public final class SectionThatSleeps extends Trial {
  public SectionThatSleeps() {
    super("I18", "I19");
  }

  @Override
  protected void build(World world, KvmOps ops) {
    world.vm(ops, 2);
    world.task("CPU 0 (madvise)", () -> section(world, H1, () -> Sched.mightSleep("cond_resched")));
  }
}
