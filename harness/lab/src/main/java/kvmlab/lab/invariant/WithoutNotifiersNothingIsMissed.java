// SPDX-License-Identifier: MIT
package kvmlab.lab.invariant;

import com.google.auto.service.AutoService;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmCap;
import kvmlab.lab.Invariant;

/// I36. A VM without notifiers does by itself what the host would have made it do, and promises
/// nothing else: it flushes its translations when it is destroyed, and does not tell user space
/// that it hears of changes.
///
/// That memslots are updated without waiting needs no judge: who waits for an invalidation, of
/// which there are none, waits for ever.
@AutoService(Invariant.class)
public final class WithoutNotifiersNothingIsMissed extends Invariant {

  public WithoutNotifiersNothingIsMissed() {
    super("I36", "a VM without notifiers flushes by itself and does not claim to hear the host");
  }

  @Override
  protected boolean standsConcurrency() {
    // Told by the task that created the VM, or destroyed it; nobody else uses it at that time.
    return true;
  }

  @Override
  public void vmCreated(Kvm kvm, int error) {
    if (error == 0 && !kvm.config().notifiers() && kvm.checkExtension(KvmCap.SYNC_MMU) != 0) {
      broken("KVM_CAP_SYNC_MMU is advertised, and the host does not call in");
    }
  }

  @Override
  public void vmDestroyed(Kvm kvm) {
    if (!kvm.config().notifiers()) {
      Translations.forEach(
          kvm,
          (where, gfn, spte) ->
              broken("nobody has flushed shadow pages: " + where + " maps " + gfn + " to " + spte));
    }
  }
}
