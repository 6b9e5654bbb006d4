// SPDX-License-Identifier: MIT
package kvmlab.lab;

import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.function.Supplier;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmObserver;
import kvmlab.kvm.Spte;
import kvmlab.kvm.Vcpu;
import kvmlab.mm.Hva;
import kvmlab.mm.MmObserver;
import kvmlab.mm.MmuNotifierRange;
import kvmlab.mm.Pfn;

/// Every invariant that there is, watching one world.
///
/// The one with the highest number is told first: later invariants are narrower, so what is
/// reported is the narrowest that broke.
final class Invariants implements MmObserver, KvmObserver {
  private static final List<? extends Supplier<Invariant>> ALL =
      ServiceLoader.load(Invariant.class, Invariant.class.getClassLoader()).stream()
          .sorted(Comparator.comparingInt(provider -> -number(provider.get())))
          .toList();

  private final List<Invariant> invariants;

  Invariants(World world) {
    invariants = ALL.stream().map(Supplier::get).toList();
    invariants.forEach(invariant -> invariant.begin(world));
  }

  private static int number(Invariant invariant) {
    return Integer.parseInt(invariant.id().substring(1));
  }

  void atEnd() {
    // The other way round: what is wrong with the state first, then what follows from it.
    invariants.reversed().forEach(Invariant::atEnd);
  }

  @Override
  public void rangeStarted(MmuNotifierRange range) {
    for (Invariant invariant : invariants) {
      invariant.rangeStarted(range);
    }
  }

  @Override
  public void rangeEnding(MmuNotifierRange range) {
    for (Invariant invariant : invariants) {
      invariant.rangeEnding(range);
    }
  }

  @Override
  public void rangeEnded(MmuNotifierRange range) {
    for (Invariant invariant : invariants) {
      invariant.rangeEnded(range);
    }
  }

  @Override
  public void lookedUp(Hva hva, Pfn pfn) {
    for (Invariant invariant : invariants) {
      invariant.lookedUp(hva, pfn);
    }
  }

  @Override
  public void pteChanged(Hva hva) {
    for (Invariant invariant : invariants) {
      invariant.pteChanged(hva);
    }
  }

  @Override
  public void spteInstalled(Kvm kvm, Gfn gfn, Spte spte) {
    for (Invariant invariant : invariants) {
      invariant.spteInstalled(kvm, gfn, spte);
    }
  }

  @Override
  public void tlbFilled(Vcpu vcpu, Gfn gfn, Spte spte) {
    for (Invariant invariant : invariants) {
      invariant.tlbFilled(vcpu, gfn, spte);
    }
  }

  @Override
  public void guestAccessed(Vcpu vcpu, Gfn gfn, Spte spte) {
    for (Invariant invariant : invariants) {
      invariant.guestAccessed(vcpu, gfn, spte);
    }
  }
}
