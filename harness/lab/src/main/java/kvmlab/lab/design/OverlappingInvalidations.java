// SPDX-License-Identifier: MIT
package kvmlab.lab.design;

import com.google.auto.service.AutoService;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.KvmOps;
import kvmlab.kvm.Vcpu;
import kvmlab.lab.World;
import kvmlab.mm.MmuNotifierRange;

/// Two invalidations of guest memory are in progress at once, and the guest faults on a page of
/// one.
@AutoService(Trial.class)
public final class OverlappingInvalidations extends Trial {
  public OverlappingInvalidations() {
    super("I4", "I11", "I13", "I15");
  }

  @Override
  protected void build(World world, KvmOps ops) {
    Vcpu vcpu = world.vm(ops, 2).createVcpu();
    world.task("CPU 0 (madvise)", () -> dontneed(world, H0));
    world.task("CPU 1 (madvise)", () -> dontneed(world, H1));
    world.task("vcpu 0", () -> vcpu.access(new Gfn(1), false, 1));
  }

  private static void dontneed(World world, MmuNotifierRange range) {
    world.mm().madviseDontneed(range.start(), range.end());
  }
}
