// SPDX-License-Identifier: MIT
package kvmlab.lab.design;

import com.google.auto.service.AutoService;
import kvmlab.kernel.LongCell;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmOps;
import kvmlab.lab.World;
import kvmlab.machine.Violation;
import org.jspecify.annotations.Nullable;

/// Between start and end the host waits for another task, which invalidates before it answers: for
/// a lock that the other one holds, say. An update waits for the first section; if the second one
/// waits for the update, nobody moves any more.
@AutoService(Trial.class)
public final class SectionWaitsForASection extends Trial {
  public SectionWaitsForASection() {
    super("I33");
  }

  @Override
  protected void build(World world, KvmOps ops) {
    Kvm kvm = world.vm(ops);
    LongCell answered = new LongCell("answered", 0);
    createsSlot(world, kvm);
    world.task(
        "CPU 0 (madvise)",
        () -> section(world, H4, () -> answered.smpCondLoadAcquire(value -> value == 1)));
    world.task(
        "CPU 2 (madvise)",
        () -> {
          section(world, H4);
          answered.smpStoreRelease(1);
        });
  }

  @Override
  protected @Nullable String broken(Violation violation) {
    return violation.kind().stuck() ? "I33" : violation.invariant();
  }
}
