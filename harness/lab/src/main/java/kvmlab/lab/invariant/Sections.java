// SPDX-License-Identifier: MIT
package kvmlab.lab.invariant;

import java.util.ArrayList;
import java.util.List;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmGfnRange;
import kvmlab.kvm.KvmMemorySlot;
import kvmlab.kvm.KvmMemslots;
import kvmlab.lab.Invariant;
import kvmlab.machine.Engine;
import kvmlab.machine.Task;
import kvmlab.mm.MmuNotifierRange;
import org.jspecify.annotations.Nullable;

/// An invariant about what lies between the start and the end of an invalidation.
///
/// The moments come in the order in which the execution has them, and start and end run between
/// theirs. So whatever a start has done when it returns, it has done after it was told to be
/// entered; and a claim that holds whenever the moments of other tasks come, before or after events
/// that are independent, is a claim that raises no false alarm. Each invariant below makes one of
/// that kind.
abstract class Sections extends Invariant {
  private final List<Section> open = new ArrayList<>(2);

  /// An invalidation as one VM sees it, from the call of its start to the return of its end.
  static final class Section {
    final Kvm kvm;
    final MmuNotifierRange range;
    private final Task task;

    /// How often start has taken `mmu_lock`, and end; known when they have returned.
    int locksInStart;

    int locksInEnd;

    /// How often the TLBs were flushed by the task in start.
    int flushesInStart;

    private boolean started;
    private boolean ending;
    private boolean alwaysHits = true;
    private boolean everHits;
    private int locksBefore;

    private Section(Kvm kvm, MmuNotifierRange range, Task task) {
      this.kvm = kvm;
      this.range = range;
      this.task = task;
      for (int asId = 0; asId < kvm.addressSpaces(); asId++) {
        everHits |= hits(kvm.latestMemslots(asId), range);
      }
      alwaysHits = everHits;
    }

    /// Returns whether the host may edit its page table now.
    boolean isBetween() {
      return started && !ending;
    }

    /// Returns whether the range is of guest memory by all memslots there were since the start.
    boolean alwaysOfGuestMemory() {
      return alwaysHits;
    }

    /// Returns whether the range is of guest memory by no memslots there were since the start.
    boolean neverOfGuestMemory() {
      return !everHits;
    }

    private void published(int asId, KvmMemslots slots) {
      boolean hits = hits(slots, range);
      for (int other = 0; other < kvm.addressSpaces(); other++) {
        hits |= other != asId && hits(kvm.latestMemslots(other), range);
      }
      alwaysHits &= hits;
      everHits |= hits;
    }

    private static boolean hits(KvmMemslots slots, MmuNotifierRange range) {
      for (KvmMemorySlot slot : slots.latestSlots()) {
        if (KvmGfnRange.covered(slot, range.start(), range.end()) != null) {
          return true;
        }
      }
      return false;
    }
  }

  Sections(String id, String statement) {
    super(id, statement);
  }

  /// Returns the sections whose start has been called and whose end has not returned.
  final List<Section> open() {
    return open;
  }

  /// The start of `section` has returned.
  void started(Section section) {}

  /// The end of `section` has been called.
  void ending(Section section) {}

  /// The end of `section`, which is open no more, has returned.
  void ended(Section section) {}

  @Override
  public void startEntered(Kvm kvm, MmuNotifierRange range) {
    Section section = new Section(kvm, range, Engine.current().task());
    section.locksBefore = kvm.mmuLock.acquisitions();
    open.add(section);
  }

  @Override
  public void startReturned(Kvm kvm, MmuNotifierRange range, int error) {
    Section section = find(kvm, range);
    if (section != null) {
      section.started = true;
      section.locksInStart = kvm.mmuLock.acquisitions() - section.locksBefore;
      started(section);
    }
  }

  @Override
  public void endEntered(Kvm kvm, MmuNotifierRange range) {
    Section section = find(kvm, range);
    if (section != null) {
      section.ending = true;
      section.locksBefore = kvm.mmuLock.acquisitions();
      ending(section);
    }
  }

  @Override
  public void endReturned(Kvm kvm, MmuNotifierRange range) {
    Section section = find(kvm, range);
    if (section != null) {
      open.remove(section);
      section.locksInEnd = kvm.mmuLock.acquisitions() - section.locksBefore;
      ended(section);
    }
  }

  @Override
  public void notifierUnregistered(Kvm kvm) {
    open.removeIf(section -> section.kvm == kvm);
  }

  @Override
  public void memslotsPublished(Kvm kvm, int asId, KvmMemslots slots) {
    for (Section section : open) {
      if (section.kvm == kvm) {
        section.published(asId, slots);
      }
    }
  }

  @Override
  public void remoteTlbsFlushed(Kvm kvm) {
    Task task = Engine.current().task();
    for (Section section : open) {
      if (section.kvm == kvm && section.task == task && !section.started) {
        section.flushesInStart++;
      }
    }
  }

  /// Returns the section of `range` that the calling task opened last. Sections of one task nest,
  /// and one of an outer range may end first.
  private @Nullable Section find(Kvm kvm, MmuNotifierRange range) {
    Task task = Engine.current().task();
    for (Section section : open.reversed()) {
      if (section.kvm == kvm && section.task == task && section.range.equals(range)) {
        return section;
      }
    }
    return null;
  }
}
