// SPDX-License-Identifier: MIT
package kvmlab.lab.invariant;

import com.google.auto.service.AutoService;
import java.util.Objects;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmExit;
import kvmlab.kvm.KvmMemorySlot;
import kvmlab.kvm.Vcpu;
import kvmlab.lab.Invariant;
import kvmlab.lab.World;
import kvmlab.machine.Engine;
import kvmlab.machine.Violation;
import org.jspecify.annotations.Nullable;

/// I30. When nothing is being invalidated, the guest gets on: a fault does not start over for ever.
///
/// Tried on every page of the address space that a vCPU is in, when every task has ended. Starting
/// over now and then for no reason is slow, not wrong, so a few times are let pass.
@AutoService(Invariant.class)
public final class QuietFaultsComplete extends Invariant {
  private static final int FAULTS_MAX = 8;

  private @Nullable World world;

  public QuietFaultsComplete() {
    super("I30", "a fault completes when no invalidation is in progress and none arrives");
  }

  @Override
  protected void begin(World begun) {
    world = begun;
  }

  @Override
  protected void atEnd() {
    for (Kvm kvm : Objects.requireNonNull(world).vms()) {
      for (Vcpu vcpu : kvm.vcpus()) {
        for (KvmMemorySlot slot : kvm.latestMemslots(vcpu.asId()).latestSlots()) {
          for (long page = 0; page < slot.npages() && !slot.invalid(); page++) {
            complete(vcpu, slot.baseGfn().plus(page), false);
            complete(vcpu, slot.baseGfn().plus(page), true);
          }
        }
      }
    }
  }

  private void complete(Vcpu vcpu, Gfn gfn, boolean write) {
    if (vcpu.access(gfn, write, FAULTS_MAX) == KvmExit.INTR) {
      Engine.current()
          .fail(
              Violation.of(
                  Violation.Kind.LIVELOCK,
                  id(),
                  statement(),
                  vcpu
                      + " has faulted "
                      + FAULTS_MAX
                      + " times on "
                      + gfn
                      + " and still starts over, mmu_notifier_count = "
                      + vcpu.kvm().mmuNotifierCount.latest()));
    }
  }
}
