// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import static kvmlab.kernel.Errno.EEXIST;
import static kvmlab.kernel.Errno.EINVAL;
import static kvmlab.kernel.Errno.ENOENT;
import static kvmlab.kvm.KvmMemorySlot.KVM_MEM_LOG_DIRTY_PAGES;
import static kvmlab.kvm.KvmMemorySlot.KVM_MEM_READONLY;

import java.util.Objects;
import kvmlab.kernel.Ktrace;
import org.jspecify.annotations.Nullable;

/// The update of a memslot: which memslots are published, in which order, and what happens in
/// between.
///
/// @kernel virt/kvm/kvm_main.c kvm_set_memory_region(), __kvm_set_memory_region(),
///   kvm_set_memslot()
final class MemslotUpdate {

  // Why a slot in use is deleted and moved in two phases. Faults test neither slots_lock nor the
  // generation, and a memslot update touches neither mmu_notifier_seq nor mmu_notifier_count; so
  // nothing stops a fault that has found the slot from installing a translation of it.
  //
  //   publish the slot INVALID > wait for readers > zap and flush > publish without it > wait >
  // free
  //
  // After the first wait every fault that found the slot valid is over, and a later one starts
  // over;
  // so what the zap removes does not come back. Invalidations find the slot until the second
  // publication, as its translations exist until the flush.

  private final Kvm kvm;
  private final Pieces pieces;
  private int prepareError;

  private enum Change {
    CREATE,
    DELETE,
    MOVE,
    FLAGS_ONLY;

    boolean inUse() {
      return this == DELETE || this == MOVE;
    }
  }

  MemslotUpdate(Kvm kvm, Pieces pieces) {
    this.kvm = kvm;
    this.pieces = pieces;
  }

  /// Lets [#prepareMemoryRegion] return `-error` from now on; 0 for success.
  void failPrepare(int error) {
    prepareError = error;
  }

  int setMemoryRegion(KvmMemorySlot mem) {
    try (var _ = Ktrace.call(() -> "KVM_SET_USER_MEMORY_REGION(slot " + mem.id() + ")")) {
      kvm.slotsLock.lock();
      int ret = setMemoryRegionLocked(mem);
      kvm.slotsLock.unlock();
      return ret;
    }
  }

  private int setMemoryRegionLocked(KvmMemorySlot mem) {
    if ((mem.flags() & ~(KVM_MEM_LOG_DIRTY_PAGES | KVM_MEM_READONLY)) != 0) {
      return -EINVAL;
    }
    KvmMemslots active = kvm.activeMemslots(mem.asId());
    KvmMemorySlot old = active.idToMemslot(mem.id());
    if (mem.npages() == 0) {
      return old == null ? -EINVAL : setMemslot(old, null, Change.DELETE);
    }
    if (old != null) {
      if (!mem.userspaceAddr().equals(old.userspaceAddr())
          || mem.npages() != old.npages()
          || mem.readonly() != old.readonly()) {
        return -EINVAL;
      }
      if (mem.baseGfn().equals(old.baseGfn())) {
        return mem.flags() == old.flags()
            ? 0
            : setMemslot(old, mem.with(old.arch()), Change.FLAGS_ONLY);
      }
    }
    for (KvmMemorySlot other : active.slots()) {
      if (other.id() != mem.id() && other.overlaps(mem)) {
        return -EEXIST;
      }
    }
    KvmMemorySlot created = mem.with(new KvmArchMemorySlot(kvm, mem, old));
    return setMemslot(old, created, old == null ? Change.CREATE : Change.MOVE);
  }

  private int setMemslot(
      @Nullable KvmMemorySlot old, @Nullable KvmMemorySlot created, Change change) {
    int asId = Objects.requireNonNull(created != null ? created : old).asId();
    lockArch();
    KvmMemslots replaced = kvm.activeMemslots(asId);
    KvmMemslots slots = replaced;
    if (old != null && change.inUse()) {
      slots = replaced.with(old.invalidated());
      installNewMemslots(asId, slots);
      kvm.flushShadowMemslot(old);
      lockArch();
      // The kernel keeps the array before and changes it for the second phase: what is freed in
      // the end is the one with the invalid slot.
      replaced = slots;
    }
    int error = prepareMemoryRegion(change);
    if (error != 0) {
      if (old != null && change.inUse()) {
        installNewMemslots(asId, slots.with(old));
        replaced.free();
      } else {
        unlockArch();
      }
      return error;
    }
    installNewMemslots(
        asId,
        created != null ? slots.with(created) : slots.without(Objects.requireNonNull(old).id()));
    commitMemoryRegion(old, created, change);
    replaced.free();
    return 0;
  }

  void installNewMemslots(int asId, KvmMemslots slots) {
    try (var _ = Ktrace.call(() -> "install_new_memslots()")) {
      piece().installNewMemslots(asId, slots);
    }
  }

  /// What the architecture does before the slot is there, and may refuse.
  ///
  /// @kernel arch/x86/kvm/x86.c kvm_arch_prepare_memory_region()
  private int prepareMemoryRegion(Change change) {
    return change == Change.FLAGS_ONLY ? 0 : -prepareError;
  }

  /// What the architecture does when the slot is there, or gone.
  ///
  /// @kernel arch/x86/kvm/x86.c kvm_arch_commit_memory_region()
  private void commitMemoryRegion(
      @Nullable KvmMemorySlot old, @Nullable KvmMemorySlot created, Change change) {
    if (old != null && old.arch() != null && change.inUse()) {
      old.arch().free();
    }
    if (created != null
        && old != null
        && change == Change.FLAGS_ONLY
        && created.logsDirtyPages()
        && !old.logsDirtyPages()) {
      // Faults that found the slot as it was are over.
      kvm.mmuLock.writeLock();
      Objects.requireNonNull(created.arch()).fetchDirtyBitmap();
      protect(created);
      kvm.mmuLock.writeUnlock();
    }
  }

  /// Fetches and clears the dirty bitmap of a slot.
  ///
  /// @return its bits, bit 0 being the first page, or a negative error number
  /// @kernel virt/kvm/kvm_main.c kvm_get_dirty_log_protect()
  long getDirtyLog(int asId, int id) {
    try (var _ = Ktrace.call(() -> "KVM_GET_DIRTY_LOG(slot " + id + ")")) {
      kvm.slotsLock.lock();
      KvmMemorySlot slot = kvm.activeMemslots(asId).idToMemslot(id);
      long dirty = -ENOENT;
      if (slot != null && slot.logsDirtyPages()) {
        kvm.mmuLock.writeLock();
        // One hold of the lock: a page that becomes writable in between would be missing here and
        // in
        // the next log.
        dirty = Objects.requireNonNull(slot.arch()).fetchDirtyBitmap();
        protect(slot);
        kvm.mmuLock.writeUnlock();
      }
      kvm.slotsLock.unlock();
      return dirty;
    }
  }

  private void protect(KvmMemorySlot slot) {
    if (kvm.mmu.writeProtect(new KvmGfnRange(slot, slot.baseGfn(), slot.end()))) {
      kvm.flushRemoteTlbs();
    }
    kvm.observer().dirtyLogCleared(kvm, slot);
  }

  private void lockArch() {
    if (piece().underSlotsArchLock()) {
      kvm.slotsArchLock.lock();
    }
  }

  private void unlockArch() {
    if (piece().underSlotsArchLock()) {
      kvm.slotsArchLock.unlock();
    }
  }

  private InstallNewMemslots piece() {
    return pieces.get(InstallNewMemslots.class);
  }
}
