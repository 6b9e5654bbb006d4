// SPDX-License-Identifier: MIT
package kvmlab.kvm.cache;

import static kvmlab.kernel.Barriers.smpRmb;

import java.util.Objects;
import kvmlab.kernel.Ktrace;
import kvmlab.kernel.LongCell;
import kvmlab.kernel.Mutex;
import kvmlab.kernel.RefCell;
import kvmlab.kernel.RwLock;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmMemorySlot;
import kvmlab.kvm.TranslationCache;
import kvmlab.kvm.design.CountsInvalidations;
import kvmlab.mm.Hva;
import kvmlab.mm.MmuNotifierRange;
import kvmlab.mm.Pfn;
import org.jspecify.annotations.Nullable;

/// A page of the guest through which KVM itself reads and writes, such as one that it shares with a
/// paravirtual device: its frame, for as long as that is known to be right.
///
/// Simplified: kept for one page; a refresh that starts over too often gives up; a change of the
/// memslots is not noticed, so the slot must stay.
///
/// @kernel virt/kvm/pfncache.c, as of v5.19; include/linux/kvm_types.h struct gfn_to_pfn_cache
public class GfnToPfnCache implements TranslationCache {

  // Why the test asks for the invalidations under way on the whole address space, not for
  // mmu_notifier_count. Start drops the cache before it takes mmu_lock, so there is a moment when
  // the cache has been dropped and the count has not been raised:
  //
  //   start:   active++ > cache: lock, invalid, unlock > mmu_lock: count++ ... end: seq++ >
  // active--
  //   refresh:                    look-up (old frame) > lock, active? seq? > valid
  //
  // active is up whenever the cache has been dropped for an invalidation that has not ended. And
  // one
  // that has ended has moved the number on before: active is read first.

  private static final int REFRESHES_MAX = 2;

  private final Kvm kvm;
  private final Gfn gfn;
  private final CountsInvalidations invalidations;

  /// Serialises refreshes. May be held while the host is asked.
  private final Mutex refreshLock = Mutex.define("gpc->refresh_lock");

  /// Taken by readers around check and use, by refresh and invalidation to change what is known.
  private final RwLock lock = RwLock.define("gpc->lock");

  // Guarded by lock.
  private final RefCell<Hva> uhva = new RefCell<Hva>("gpc->uhva", null).guardedBy(lock).hidden();
  private final RefCell<Pfn> pfn = new RefCell<Pfn>("gpc->pfn", null).guardedBy(lock).hidden();
  private final LongCell valid = new LongCell("gpc->valid", 0).guardedBy(lock);

  /// Makes the cache of `gfn`, a page of address space 0; [adding][Kvm#addCache] it comes next.
  ///
  /// @throws IllegalArgumentException where the VM does not count its invalidations
  public GfnToPfnCache(Kvm kvm, Gfn gfn) {
    CountsInvalidations counting = kvm.piece(CountsInvalidations.class);
    if (counting == null) {
      throw new IllegalArgumentException("a VM with such a cache counts every invalidation");
    }
    this.kvm = kvm;
    this.gfn = gfn;
    this.invalidations = counting;
  }

  /// Reads or writes the page, if its frame is known.
  ///
  /// @return whether it was
  /// @kernel virt/kvm/pfncache.c kvm_gfn_to_pfn_cache_check()
  public boolean access() {
    try (var _ = Ktrace.call(() -> "KVM touches " + gfn)) {
      lock.readLock();
      boolean known = valid.get() != 0;
      if (known) {
        // Under the lock: start waits for it before the frame may go.
        kvm.mm.frame(Objects.requireNonNull(pfn.get())).access();
      }
      lock.readUnlock();
      return known;
    }
  }

  /// Looks up the frame. May sleep.
  ///
  /// @return whether it is known now
  /// @kernel virt/kvm/pfncache.c kvm_gfn_to_pfn_cache_refresh(), hva_to_pfn_retry()
  public boolean refresh() {
    try (var _ = Ktrace.call(() -> "kvm_gfn_to_pfn_cache_refresh(" + gfn + ")")) {
      int index = kvm.srcu.readLock();
      refreshLock.lock();
      boolean known = hvaToPfnRetry(kvm.memslots(0).gfnToMemslot(gfn));
      refreshLock.unlock();
      kvm.srcu.readUnlock(index);
      return known;
    }
  }

  private boolean hvaToPfnRetry(@Nullable KvmMemorySlot slot) {
    if (slot == null || slot.invalid()) {
      return false;
    }
    Hva hva = slot.gfnToHva(gfn);
    lock.writeLock();
    uhva.set(hva);
    lookUp();
    boolean known = false;
    for (int tries = 0; tries < REFRESHES_MAX && !known; tries++) {
      long mmuSeq = kvm.mmuNotifierSeq.readOnce();
      smpRmb();
      lock.writeUnlock();
      Pfn found = kvm.hvaToPfn(hva, true);
      lock.writeLock();
      if (found.isError()) {
        break;
      }
      pfn.set(found);
      known = !mmuNotifierRetryCache(mmuSeq);
    }
    trust(known);
    lock.writeUnlock();
    return known;
  }

  /// Prepares for a look-up, under the lock: what is known is not trusted meanwhile, and it becomes
  /// so only when the look-up has been tested.
  protected void lookUp() {
    trust(false);
  }

  /// Says whether the frame is used from now on. Called under the lock.
  protected final void trust(boolean known) {
    valid.set(known ? 1 : 0);
  }

  /// Returns whether a look-up must start over: an invalidation is under way, of whatever address,
  /// or a relevant one has ended since `mmu_notifier_seq` had the value `mmuSeq`. Called under the
  /// lock.
  ///
  /// @kernel virt/kvm/pfncache.c mmu_notifier_retry_cache()
  protected boolean mmuNotifierRetryCache(long mmuSeq) {
    if (invalidations.activeInvalidations() != 0) {
      return true;
    }
    // The number was moved on before the count dropped: whoever misses one sees the other.
    smpRmb();
    return kvm.mmuNotifierSeq.readOnce() != mmuSeq;
  }

  @Override
  public void invalidateStart(MmuNotifierRange range) {
    lock.writeLock();
    Hva known = uhva.get();
    if (valid.get() != 0 && known != null && range.contains(known)) {
      valid.set(0);
    }
    lock.writeUnlock();
  }
}
