// SPDX-License-Identifier: MIT
package kvmlab.lab.invariant;

import com.google.auto.service.AutoService;
import java.util.List;
import kvmlab.kvm.Kvm;
import kvmlab.lab.Invariant;

/// I17. When a VM has been destroyed, or its creation has failed, nothing of it is left: what was
/// done for it has been undone, no translation exists, and the host calls in no more.
///
/// The last is found where it happens: a callback is a use of the VM's memory after its end. An
/// invalidation whose start came and whose end did not may leave its count behind, since nobody
/// looks at that any more; if it stops the destruction, the execution gets stuck.
@AutoService(Invariant.class)
public final class NothingOfAVmIsLeft extends Invariant {

  public NothingOfAVmIsLeft() {
    super("I17", "when a VM is gone, nothing of it is left and nobody calls it");
  }

  @Override
  protected boolean standsConcurrency() {
    // Told by the task that destroyed the VM; nobody else uses it any more.
    return true;
  }

  @Override
  public void vmCreated(Kvm kvm, int error) {
    if (error != 0) {
      check(kvm, "kvm_create_vm() has failed with " + error);
    }
  }

  @Override
  public void vmDestroyed(Kvm kvm) {
    check(kvm, "kvm_destroy_vm() has returned");
    Translations.forEach(
        kvm,
        (where, gfn, spte) ->
            broken("the VM has been destroyed, and " + where + " maps " + gfn + " to " + spte));
  }

  private void check(Kvm kvm, String ended) {
    List<String> left = kvm.left();
    if (!left.isEmpty()) {
      broken(ended + ", and nobody has undone " + String.join(", ", left));
    }
  }
}
