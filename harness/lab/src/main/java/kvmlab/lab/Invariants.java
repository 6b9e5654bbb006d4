// SPDX-License-Identifier: MIT
package kvmlab.lab;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.Kvm;
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

/// Every invariant that there is, watching one world.
///
/// The one with the highest number is told first: later invariants are narrower, so what is
/// reported is the narrowest that broke.
class Invariants implements MmObserver, KvmObserver {
  private static final List<? extends Supplier<Invariant>> ALL =
      ServiceLoader.load(Invariant.class, Invariant.class.getClassLoader()).stream()
          .sorted(Comparator.comparingInt(provider -> -number(provider.get())))
          .toList();

  private final List<Invariant> atEnd;
  private final List<Invariant> invariants;

  private Invariants(World world, Predicate<Invariant> isTold) {
    atEnd = ALL.stream().map(Supplier::get).toList();
    invariants = atEnd.stream().filter(isTold).toList();
    atEnd.forEach(invariant -> invariant.begin(world));
  }

  /// Returns every invariant, watching `world` under the engine of the calling thread.
  static Invariants watching(World world) {
    return Engine.current().concurrent()
        ? new Concurrent(world)
        : new Invariants(world, invariant -> true);
  }

  /// Returns which invariants are told of moments while tasks run at the same time, and which are
  /// not: their identifiers.
  static Map<Boolean, List<String>> byConcurrency() {
    return ALL.stream()
        .map(Supplier::get)
        .sorted(Comparator.comparingInt(Invariants::number))
        .collect(
            Collectors.partitioningBy(
                Invariant::standsConcurrency,
                Collectors.mapping(Invariant::id, Collectors.toList())));
  }

  private static int number(Invariant invariant) {
    return Integer.parseInt(invariant.id().substring(1));
  }

  void atEnd() {
    // The other way round: what is wrong with the state first, then what follows from it.
    atEnd.reversed().forEach(Invariant::atEnd);
  }

  void tell(Consumer<Invariant> moment) {
    for (Invariant invariant : invariants) {
      moment.accept(invariant);
    }
  }

  @Override
  public void rangeStarted(MmuNotifierRange range) {
    tell(invariant -> invariant.rangeStarted(range));
  }

  @Override
  public void rangeEnding(MmuNotifierRange range) {
    tell(invariant -> invariant.rangeEnding(range));
  }

  @Override
  public void rangeEnded(MmuNotifierRange range) {
    tell(invariant -> invariant.rangeEnded(range));
  }

  @Override
  public void lookedUp(Hva hva, Pfn pfn) {
    tell(invariant -> invariant.lookedUp(hva, pfn));
  }

  @Override
  public void pteChanged(Hva hva) {
    tell(invariant -> invariant.pteChanged(hva));
  }

  @Override
  public void startEntered(Kvm kvm, MmuNotifierRange range) {
    tell(invariant -> invariant.startEntered(kvm, range));
  }

  @Override
  public void startReturned(Kvm kvm, MmuNotifierRange range, int error) {
    tell(invariant -> invariant.startReturned(kvm, range, error));
  }

  @Override
  public void endEntered(Kvm kvm, MmuNotifierRange range) {
    tell(invariant -> invariant.endEntered(kvm, range));
  }

  @Override
  public void endReturned(Kvm kvm, MmuNotifierRange range) {
    tell(invariant -> invariant.endReturned(kvm, range));
  }

  @Override
  public void memslotsPublished(Kvm kvm, int asId, KvmMemslots slots) {
    tell(invariant -> invariant.memslotsPublished(kvm, asId, slots));
  }

  @Override
  public void frameFreed(PageFrame frame) {
    tell(invariant -> invariant.frameFreed(frame));
  }

  @Override
  public void spteInstalled(Kvm kvm, Gfn gfn, Spte spte) {
    tell(invariant -> invariant.spteInstalled(kvm, gfn, spte));
  }

  @Override
  public void tlbFilled(Vcpu vcpu, Gfn gfn, Spte spte) {
    tell(invariant -> invariant.tlbFilled(vcpu, gfn, spte));
  }

  @Override
  public void guestAccessed(Vcpu vcpu, Gfn gfn, Spte spte) {
    tell(invariant -> invariant.guestAccessed(vcpu, gfn, spte));
  }

  /// Tells one moment at a time. The monitor orders what the tasks do around their moments, which
  /// can hide what only unordered memory would show.
  private static final class Concurrent extends Invariants {
    Concurrent(World world) {
      super(world, Invariant::standsConcurrency);
    }

    @Override
    synchronized void tell(Consumer<Invariant> moment) {
      super.tell(moment);
    }
  }
}
