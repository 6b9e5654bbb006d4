// SPDX-License-Identifier: MIT
package kvmlab.kvm;

/// A step of the creation of a VM that can fail, or that another one depends on.
///
/// @kernel virt/kvm/kvm_main.c kvm_create_vm()
public enum VmStep {
  /// The domain of those who read the memslots.
  SRCU("init_srcu_struct(kvm->srcu)", "cleanup_srcu_struct(kvm->srcu)"),
  /// The domain of those who read the interrupt routes.
  IRQ_SRCU("init_srcu_struct(kvm->irq_srcu)", "cleanup_srcu_struct(kvm->irq_srcu)"),
  /// The empty memslots of every address space.
  MEMSLOTS("kvm_alloc_memslots()", "kvm_free_memslots()"),
  /// What the architecture needs.
  ARCH("kvm_arch_init_vm()", "kvm_arch_destroy_vm()"),
  /// From here on the host calls in.
  MMU_NOTIFIER("mmu_notifier_register()", "mmu_notifier_unregister()"),
  /// What the architecture needs that needs all of the above.
  ARCH_POST("kvm_arch_post_init_vm()", "kvm_arch_pre_destroy_vm()"),
  /// Others can find the VM. Never fails.
  VM_LIST("list_add(vm_list)", "list_del(vm_list)");

  private final String taken;
  private final String undone;

  VmStep(String taken, String undone) {
    this.taken = taken;
    this.undone = undone;
  }

  /// Returns the call that takes the step, in C.
  public String taken() {
    return taken;
  }

  /// Returns the call that undoes it, in C.
  public String undone() {
    return undone;
  }
}
