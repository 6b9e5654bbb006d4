// SPDX-License-Identifier: MIT
package kvmlab.mm;

import static kvmlab.kernel.Barriers.smpRmb;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kvmlab.kernel.LongCell;
import kvmlab.kernel.RefCell;
import kvmlab.kernel.Spinlock;
import kvmlab.machine.Engine;
import kvmlab.machine.Task;
import kvmlab.machine.Violation;
import org.jspecify.annotations.Nullable;

/// A strict little subscriber, and an observer that judges the host by it: a frame or a permission
/// goes away inside a section of the same task only, and no translation is there to see it.
final class Shadow implements MmuNotifierOps, MmObserver {
  private final MmStruct mm;
  private final Spinlock mmuLock = Spinlock.define("mmu_lock");
  private final LongCell seq = new LongCell("seq", 0).guardedBy(mmuLock);
  private final LongCell count = new LongCell("count", 0).guardedBy(mmuLock);
  private final List<RefCell<Pte>> translations = new ArrayList<>();

  // Touched in moments only, each under the page-table lock or of the running task alone.
  private final Map<Hva, Pte> known = new HashMap<>();
  private final Map<Task, List<MmuNotifierRange>> open = new HashMap<>();
  private final Map<PageFrame, String> freed = new HashMap<>();

  Shadow(MmStruct mm, int pages) {
    this.mm = mm;
    for (int page = 0; page < pages; page++) {
      translations.add(new RefCell<Pte>("shadow(h" + page + ")", null).guardedBy(mmuLock));
      known.put(Hva.page(page), mm.latestPte(Hva.page(page)));
    }
    mm.observe(this);
    mm.mmuNotifierRegister(this);
  }

  /// Translates the page, as often as it takes up to two times, and touches the frame.
  Pfn touch(Hva hva, boolean write) {
    Pfn pfn = Pfn.ERR_FAULT;
    for (int tries = 0; tries < 2; tries++) {
      mmuLock.lock();
      Pte translation = translation(hva).get();
      if (translation != null && translation.permits(write)) {
        mm.frame(translation.pfn()).access();
        mmuLock.unlock();
        return translation.pfn();
      }
      mmuLock.unlock();
      long before = seq.readOnce();
      smpRmb();
      pfn = mm.getUserPagesFast(hva, write);
      if (pfn.isError()) {
        return pfn;
      }
      mmuLock.lock();
      if (count.get() == 0 && seq.get() == before) {
        translation(hva).writeOnce(new Pte(pfn, write));
        judge(hva);
      }
      mmuLock.unlock();
    }
    return pfn;
  }

  /// Returns the translation of a page, whoever asks.
  @Nullable Pte latest(Hva hva) {
    return translation(hva).latest();
  }

  /// Returns how many sections are open, whoever asks.
  long latestCount() {
    return count.latest();
  }

  private RefCell<Pte> translation(Hva hva) {
    return translations.get((int) hva.pageNumber());
  }

  // ---- the subscriber

  @Override
  public int invalidateRangeStart(MmuNotifierRange range) {
    mmuLock.lock();
    count.writeOnce(count.get() + 1);
    for (int page = 0; page < translations.size(); page++) {
      if (range.contains(Hva.page(page)) && translations.get(page).get() != null) {
        translations.get(page).writeOnce(null);
      }
    }
    mmuLock.unlock();
    return 0;
  }

  @Override
  public void invalidateRangeEnd(MmuNotifierRange range) {
    mmuLock.lock();
    seq.writeOnce(seq.get() + 1);
    count.writeOnce(count.get() - 1);
    if (count.get() < 0) {
      broken("an end without a start: " + range);
    }
    mmuLock.unlock();
  }

  @Override
  public void release() {
    mmuLock.lock();
    translations.forEach(translation -> translation.writeOnce(null));
    mmuLock.unlock();
  }

  // ---- the judge

  @Override
  public void rangeStarted(MmuNotifierRange range) {
    open.computeIfAbsent(Engine.current().task(), _ -> new ArrayList<>()).add(range);
  }

  @Override
  public void rangeEnding(MmuNotifierRange range) {
    open.get(Engine.current().task()).remove(range);
  }

  @Override
  public void pteChanged(Hva hva) {
    Pte before = known.get(hva);
    Pte now = mm.latestPte(hva);
    if (before != null && (now == null || !serves(now, before)) && !isOpen(hva)) {
      broken(hva + " changed from " + before + " to " + now + " outside a section");
    }
    known.put(hva, now);
    judge(hva);
  }

  @Override
  public void frameFreed(PageFrame frame) {
    String where = "in a section of " + Engine.current().task();
    if (freed.put(frame, where) != null) {
      broken(frame + " was freed twice");
    }
    for (int page = 0; page < translations.size(); page++) {
      Pte translation = translations.get(page).latest();
      if (translation != null && translation.pfn().equals(frame.pfn())) {
        broken(frame + " was freed, and " + Hva.page(page) + " is translated to it");
      }
    }
  }

  private boolean isOpen(Hva hva) {
    return open.getOrDefault(Engine.current().task(), List.of()).stream()
        .anyMatch(range -> range.contains(hva));
  }

  private void judge(Hva hva) {
    Pte translation = latest(hva);
    Pte pte = mm.latestPte(hva);
    if (translation != null && (pte == null || !serves(pte, translation))) {
      broken(hva + " is translated to " + translation + ", and the host maps " + pte);
    }
  }

  /// Returns whether `pte` gives all that `other` promised.
  private static boolean serves(Pte pte, Pte other) {
    return pte.pfn().equals(other.pfn()) && pte.permits(other.writable());
  }

  private static void broken(String seen) {
    Engine.current()
        .fail(Violation.of(Violation.Kind.INVARIANT, "I1", "the host keeps the contract", seen));
  }
}
