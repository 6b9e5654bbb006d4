// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The steps in which a VM is created and destroyed. A [VmLifeCycle] puts them in order; a step
/// that is taken twice, too early, or undone without having been taken is reported.
///
/// @kernel virt/kvm/kvm_main.c kvm_create_vm(), kvm_destroy_vm()
public final class VmSteps {
  private final Kvm kvm;
  private final VmState state;
  private final Pieces pieces;
  private @Nullable MmuNotifier mmuNotifier;

  VmSteps(Kvm kvm, VmState state, Pieces pieces) {
    this.kvm = kvm;
    this.state = state;
    this.pieces = pieces;
  }

  /// Initialises the locks that the pieces have of their own.
  public void initPieces() {
    pieces.forEach(ProtocolPiece::init);
  }

  /// Sets back what starts have left whose end will never come.
  public void resetPieces() {
    pieces.forEach(ProtocolPiece::reset);
  }

  /// Allocates the memslots of address space `asId`, without a slot, and makes them the ones in
  /// use: nobody can read them yet, so no lock is needed.
  ///
  /// @return 0 or a negative error number
  /// @kernel virt/kvm/kvm_main.c kvm_alloc_memslots()
  public int allocMemslots(int asId) {
    int error = state.takeMemslots(asId);
    if (error == 0) {
      kvm.initMemslots(asId);
    }
    return error;
  }

  /// Frees the memslots of address space `asId`, if there are any.
  ///
  /// @kernel virt/kvm/kvm_main.c kvm_free_memslots()
  public void freeMemslots(int asId) {
    if (state.undoMemslots(asId)) {
      kvm.latestMemslots(asId).free();
    }
  }

  /// Makes the architecture's part of the VM. The memslots are there, and both SRCU domains.
  ///
  /// @return 0 or a negative error number
  /// @kernel arch/x86/kvm/x86.c kvm_arch_init_vm()
  public int archInitVm() {
    return state.take(VmStep.ARCH);
  }

  /// Takes the architecture's part of the VM down, after an update that removes the memslots that
  /// user space knows nothing of. No callback of the host runs any more.
  ///
  /// @kernel arch/x86/kvm/x86.c kvm_arch_destroy_vm()
  public void archDestroyVm() {
    for (int asId = 0; asId < kvm.addressSpaces(); asId++) {
      kvm.slotsLock.lock();
      List<KvmMemorySlot> slots = List.copyOf(kvm.activeMemslots(asId).slots());
      kvm.slotsLock.unlock();
      slots.stream()
          .filter(slot -> slot.id() >= KvmMemorySlot.KVM_USER_MEM_SLOTS)
          .forEach(slot -> kvm.updateMemslot(slot.deleted()));
    }
    state.undo(VmStep.ARCH);
  }

  /// Does what the architecture has to do last.
  ///
  /// @return 0 or a negative error number
  /// @kernel arch/x86/kvm/x86.c kvm_arch_post_init_vm()
  public int archPostInitVm() {
    return state.take(VmStep.ARCH_POST);
  }

  /// Undoes what [#archPostInitVm] did.
  ///
  /// @kernel arch/x86/kvm/x86.c kvm_arch_pre_destroy_vm()
  public void archPreDestroyVm() {
    state.undo(VmStep.ARCH_POST);
  }

  /// Asks the host to call in from now on. Exists where the VM has notifiers only.
  ///
  /// @return 0 or a negative error number
  /// @kernel mm/mmu_notifier.c mmu_notifier_register()
  public int mmuNotifierRegister() {
    kvm.config().ifNotifiers().require("kvm->mmu_notifier");
    int error = state.take(VmStep.MMU_NOTIFIER);
    if (error == 0) {
      MmuNotifier notifier = new MmuNotifier(kvm, state, pieces.get(InvalidateRange.class));
      mmuNotifier = notifier;
      kvm.mm.mmuNotifierRegister(notifier);
      state.notified(true);
    }
    return error;
  }

  /// Asks the host to call in no more, after a last call that removes every translation. When this
  /// returns, no callback is running; a start may have come whose end never will. Exists where the
  /// VM has notifiers only.
  ///
  /// @kernel mm/mmu_notifier.c mmu_notifier_unregister()
  public void mmuNotifierUnregister() {
    kvm.config().ifNotifiers().require("kvm->mmu_notifier");
    state.undo(VmStep.MMU_NOTIFIER);
    kvm.mm.mmuNotifierUnregister(Objects.requireNonNull(mmuNotifier));
    kvm.observer().notifierUnregistered(kvm);
  }

  /// Lets others find the VM. Every other step has been taken.
  ///
  /// @kernel virt/kvm/kvm_main.c kvm_create_vm()
  public void vmListAdd() {
    state.take(VmStep.VM_LIST);
  }

  /// Lets nobody find the VM any more. No other step has been undone.
  ///
  /// @kernel virt/kvm/kvm_main.c kvm_destroy_vm()
  public void vmListDel() {
    state.undo(VmStep.VM_LIST);
  }

  /// Frees the VM itself. The last thing that anybody does with it.
  ///
  /// @kernel virt/kvm/kvm_main.c kvm_arch_free_vm()
  public void archFreeVm() {
    state.free();
  }
}
