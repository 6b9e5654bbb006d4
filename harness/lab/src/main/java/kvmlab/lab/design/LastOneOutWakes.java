// SPDX-License-Identifier: MIT
package kvmlab.lab.design;

import com.google.auto.service.AutoService;
import kvmlab.kvm.KvmOps;
import kvmlab.lab.World;
import kvmlab.machine.Violation;
import org.jspecify.annotations.Nullable;

/// An update waits for two invalidations, of guest memory and of other memory; whichever ends last
/// must let it go on. That both end is all that it may ask for: invalidations that keep coming may
/// keep it waiting.
@AutoService(Trial.class)
public final class LastOneOutWakes extends Trial {
  public LastOneOutWakes() {
    super("I31", "I32");
  }

  @Override
  protected void build(World world, KvmOps ops) {
    createsSlot(world, world.vm(ops, 1));
    world.task("CPU 0 (madvise)", () -> section(world, H4));
    world.task("CPU 2 (madvise)", () -> section(world, H0));
  }

  @Override
  protected @Nullable String broken(Violation violation) {
    return violation.kind().stuck() && !"I32".equals(violation.invariant())
        ? "I31"
        : violation.invariant();
  }
}
