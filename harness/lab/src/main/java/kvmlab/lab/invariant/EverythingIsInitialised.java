// SPDX-License-Identifier: MIT
package kvmlab.lab.invariant;

import com.google.auto.service.AutoService;
import java.util.List;
import kvmlab.kvm.Kvm;
import kvmlab.lab.Invariant;

/// I25. A VM that can be used has everything that its users use.
///
/// What is used before it is initialised is found at the use: by locks, SRCU domains and memslots,
/// each for itself.
@AutoService(Invariant.class)
public final class EverythingIsInitialised extends Invariant {

  public EverythingIsInitialised() {
    super("I25", "everything is initialised before its first use");
  }

  @Override
  protected boolean standsConcurrency() {
    // Told by the task that created the VM, before anybody can use it.
    return true;
  }

  @Override
  public void vmCreated(Kvm kvm, int error) {
    List<String> missing = kvm.missing();
    if (error == 0 && !missing.isEmpty()) {
      broken("kvm_create_vm() has returned 0, and nobody has done " + String.join(", ", missing));
    }
  }
}
