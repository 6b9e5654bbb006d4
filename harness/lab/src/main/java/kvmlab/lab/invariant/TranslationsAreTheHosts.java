// SPDX-License-Identifier: MIT
package kvmlab.lab.invariant;

import com.google.auto.service.AutoService;
import java.util.Objects;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.Spte;
import kvmlab.kvm.Vcpu;
import kvmlab.lab.Invariant;
import kvmlab.lab.World;
import kvmlab.mm.Hva;
import kvmlab.mm.Pte;
import org.jspecify.annotations.Nullable;

/// I1. The secondary page table and the TLBs translate to what the host's own page table says, and
/// permit no more. At every step: no exception is needed for invalidations under way, since the
/// host edits its table only when every subscriber has returned from its start.
///
/// An entry is judged by the memslot through which it was made.
@AutoService(Invariant.class)
public final class TranslationsAreTheHosts extends Invariant {
  private @Nullable World world;

  public TranslationsAreTheHosts() {
    super("I1", "the guest reaches a frame only while the host maps it at the same page");
  }

  @Override
  protected void begin(World begun) {
    world = begun;
  }

  @Override
  protected boolean standsConcurrency() {
    // The host cannot get from start to its edit while mmu_lock is held or the guest is in an
    // instruction, and edits one entry at a time, under the lock that is held when it is told.
    return true;
  }

  @Override
  public void spteInstalled(Kvm kvm, Gfn gfn, Spte spte) {
    spte.forEachPage(gfn, page -> check("the SPTE", page, spte));
  }

  @Override
  public void tlbFilled(Vcpu vcpu, Gfn gfn, Spte spte) {
    spte.forEachPage(gfn, page -> check("the TLB of " + vcpu, page, spte));
  }

  @Override
  public void pteChanged(Hva hva) {
    Translations.forEach(
        Objects.requireNonNull(world),
        (where, gfn, spte) -> {
          if (spte.slot().gfnToHva(gfn).equals(hva)) {
            check(where, gfn, spte);
          }
        });
  }

  // tag::check[]
  private void check(String where, Gfn gfn, Spte spte) {
    Hva hva = spte.slot().gfnToHva(gfn);
    Pte pte = Objects.requireNonNull(world).mm().latestPte(hva);
    if (pte == null || !pte.pfn().equals(spte.pfn(gfn)) || !pte.permits(spte.writable())) {
      String host = hva + " to " + (pte == null ? "nothing" : pte);
      broken(where + " maps " + gfn + " to " + spte + ", the host maps " + host);
    }
  }

  // end::check[]
}
