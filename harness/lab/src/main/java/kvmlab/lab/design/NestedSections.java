// SPDX-License-Identifier: MIT
package kvmlab.lab.design;

import com.google.auto.service.AutoService;
import kvmlab.kvm.KvmOps;
import kvmlab.lab.World;
import kvmlab.machine.Violation;
import org.jspecify.annotations.Nullable;

/// A task opens a section inside its own, as the split of a huge page does, while an update waits
/// for the outer one.
@AutoService(Trial.class)
public final class NestedSections extends Trial {
  public NestedSections() {
    super("I34");
  }

  @Override
  protected void build(World world, KvmOps ops) {
    createsSlot(world, world.vm(ops));
    world.task("CPU 0 (madvise)", () -> section(world, H1, () -> section(world, H1)));
  }

  @Override
  protected @Nullable String broken(Violation violation) {
    return violation.kind().stuck() ? "I34" : violation.invariant();
  }
}
