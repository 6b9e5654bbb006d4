// SPDX-License-Identifier: MIT
package kvmlab.lab;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmMemorySlot;
import kvmlab.kvm.KvmMemslots;
import kvmlab.kvm.KvmObserver;
import kvmlab.kvm.Spte;
import kvmlab.kvm.Vcpu;
import kvmlab.machine.Engine;
import kvmlab.mm.Hva;
import kvmlab.mm.MmObserver;
import kvmlab.mm.MmuNotifierRange;
import kvmlab.mm.PageFrame;
import kvmlab.mm.Pfn;
import org.jspecify.annotations.Nullable;

/// The invariants that judge one execution, as the one observer of its world: each is told of the
/// moments that it does something about.
class Invariants implements MmObserver, KvmObserver {
  private static final int[] RANGE_STARTED = Judges.toldOf("rangeStarted");
  private static final int[] RANGE_ENDING = Judges.toldOf("rangeEnding");
  private static final int[] RANGE_ENDED = Judges.toldOf("rangeEnded");
  private static final int[] LOOKED_UP = Judges.toldOf("lookedUp");
  private static final int[] PTE_CHANGED = Judges.toldOf("pteChanged");
  private static final int[] FRAME_FREED = Judges.toldOf("frameFreed");
  private static final int[] VM_CREATED = Judges.toldOf("vmCreated");
  private static final int[] NOTIFIER_UNREGISTERED = Judges.toldOf("notifierUnregistered");
  private static final int[] VM_DESTROYED = Judges.toldOf("vmDestroyed");
  private static final int[] START_ENTERED = Judges.toldOf("startEntered");
  private static final int[] START_RETURNED = Judges.toldOf("startReturned");
  private static final int[] END_ENTERED = Judges.toldOf("endEntered");
  private static final int[] END_RETURNED = Judges.toldOf("endReturned");
  private static final int[] MEMSLOTS_PUBLISHED = Judges.toldOf("memslotsPublished");
  private static final int[] RETRY_TESTED = Judges.toldOf("retryTested");
  private static final int[] REMOTE_TLBS_FLUSHED = Judges.toldOf("remoteTlbsFlushed");
  private static final int[] DIRTY_LOG_CLEARED = Judges.toldOf("dirtyLogCleared");
  private static final int[] FAULT_ENTERED = Judges.toldOf("faultEntered");
  private static final int[] EMULATED = Judges.toldOf("emulated");
  private static final int[] SPTE_INSTALLED = Judges.toldOf("spteInstalled");
  private static final int[] TLB_FILLED = Judges.toldOf("tlbFilled");
  private static final int[] GUEST_ACCESSED = Judges.toldOf("guestAccessed");

  private final List<Invariant> atEnd;

  /// By the places of [Judges]; null where nobody is told.
  private final @Nullable Invariant[] told;

  private Invariants(World world, Judges judges, Predicate<Invariant> isTold) {
    told = judges.objects();
    atEnd = Arrays.stream(told).filter(Objects::nonNull).toList();
    atEnd.forEach(invariant -> invariant.begin(world));
    for (int place = 0; place < told.length; place++) {
      Invariant invariant = told[place];
      if (invariant != null && !isTold.test(invariant)) {
        told[place] = null;
      }
    }
  }

  /// Returns the invariants of `judges`, watching `world` under the engine of the calling thread.
  static Invariants watching(World world, Judges judges) {
    return Engine.current().concurrent()
        ? new Concurrent(world, judges)
        : new Invariants(world, judges, invariant -> true);
  }

  /// Returns which invariants are told of moments while tasks run at the same time, and which are
  /// not: their identifiers.
  static Map<Boolean, List<String>> byConcurrency() {
    return Judges.all().reversed().stream()
        .collect(
            Collectors.partitioningBy(
                Invariant::standsConcurrency,
                Collectors.mapping(Invariant::id, Collectors.toList())));
  }

  void atEnd() {
    // The other way round: what is wrong with the state first, then what follows from it.
    atEnd.reversed().forEach(Invariant::atEnd);
  }

  void tell(int[] places, Consumer<Invariant> moment) {
    for (int place : places) {
      Invariant invariant = told[place];
      if (invariant != null) {
        moment.accept(invariant);
      }
    }
  }

  @Override
  public void rangeStarted(MmuNotifierRange range) {
    tell(RANGE_STARTED, invariant -> invariant.rangeStarted(range));
  }

  @Override
  public void rangeEnding(MmuNotifierRange range) {
    tell(RANGE_ENDING, invariant -> invariant.rangeEnding(range));
  }

  @Override
  public void rangeEnded(MmuNotifierRange range) {
    tell(RANGE_ENDED, invariant -> invariant.rangeEnded(range));
  }

  @Override
  public void lookedUp(Hva hva, Pfn pfn) {
    tell(LOOKED_UP, invariant -> invariant.lookedUp(hva, pfn));
  }

  @Override
  public void pteChanged(Hva hva) {
    tell(PTE_CHANGED, invariant -> invariant.pteChanged(hva));
  }

  @Override
  public void vmCreated(Kvm kvm, int error) {
    tell(VM_CREATED, invariant -> invariant.vmCreated(kvm, error));
  }

  @Override
  public void notifierUnregistered(Kvm kvm) {
    tell(NOTIFIER_UNREGISTERED, invariant -> invariant.notifierUnregistered(kvm));
  }

  @Override
  public void vmDestroyed(Kvm kvm) {
    tell(VM_DESTROYED, invariant -> invariant.vmDestroyed(kvm));
  }

  @Override
  public void startEntered(Kvm kvm, MmuNotifierRange range) {
    tell(START_ENTERED, invariant -> invariant.startEntered(kvm, range));
  }

  @Override
  public void startReturned(Kvm kvm, MmuNotifierRange range, int error) {
    tell(START_RETURNED, invariant -> invariant.startReturned(kvm, range, error));
  }

  @Override
  public void endEntered(Kvm kvm, MmuNotifierRange range) {
    tell(END_ENTERED, invariant -> invariant.endEntered(kvm, range));
  }

  @Override
  public void endReturned(Kvm kvm, MmuNotifierRange range) {
    tell(END_RETURNED, invariant -> invariant.endReturned(kvm, range));
  }

  @Override
  public void memslotsPublished(Kvm kvm, int asId, KvmMemslots slots) {
    tell(MEMSLOTS_PUBLISHED, invariant -> invariant.memslotsPublished(kvm, asId, slots));
  }

  @Override
  public void frameFreed(PageFrame frame) {
    tell(FRAME_FREED, invariant -> invariant.frameFreed(frame));
  }

  @Override
  public void retryTested(Kvm kvm, long mmuSeq, Hva hva, boolean retry) {
    tell(RETRY_TESTED, invariant -> invariant.retryTested(kvm, mmuSeq, hva, retry));
  }

  @Override
  public void remoteTlbsFlushed(Kvm kvm) {
    tell(REMOTE_TLBS_FLUSHED, invariant -> invariant.remoteTlbsFlushed(kvm));
  }

  @Override
  public void dirtyLogCleared(Kvm kvm, KvmMemorySlot slot) {
    tell(DIRTY_LOG_CLEARED, invariant -> invariant.dirtyLogCleared(kvm, slot));
  }

  @Override
  public void faultEntered(Vcpu vcpu, Gfn gfn) {
    tell(FAULT_ENTERED, invariant -> invariant.faultEntered(vcpu, gfn));
  }

  @Override
  public void emulated(Vcpu vcpu, Gfn gfn, boolean write, boolean cached) {
    tell(EMULATED, invariant -> invariant.emulated(vcpu, gfn, write, cached));
  }

  @Override
  public void spteInstalled(Kvm kvm, Gfn gfn, Spte spte) {
    tell(SPTE_INSTALLED, invariant -> invariant.spteInstalled(kvm, gfn, spte));
  }

  @Override
  public void tlbFilled(Vcpu vcpu, Gfn gfn, Spte spte) {
    tell(TLB_FILLED, invariant -> invariant.tlbFilled(vcpu, gfn, spte));
  }

  @Override
  public void guestAccessed(Vcpu vcpu, Gfn gfn, Spte spte) {
    tell(GUEST_ACCESSED, invariant -> invariant.guestAccessed(vcpu, gfn, spte));
  }

  /// Tells one moment at a time. The monitor orders what the tasks do around their moments, which
  /// can hide what only unordered memory would show.
  private static final class Concurrent extends Invariants {
    Concurrent(World world, Judges judges) {
      super(world, judges, Invariant::standsConcurrency);
    }

    @Override
    synchronized void tell(int[] places, Consumer<Invariant> moment) {
      super.tell(places, moment);
    }
  }
}
