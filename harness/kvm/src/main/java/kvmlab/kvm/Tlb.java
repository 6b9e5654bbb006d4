// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import kvmlab.kernel.RefCell;
import kvmlab.mm.Hva;
import org.jspecify.annotations.Nullable;

/// What a vCPU remembers of the secondary page table: entries of 4 KiB, and in a VM with huge pages
/// those of 2 MiB as a whole. Used by the guest, or while it does not run.
final class Tlb {
  private final List<RefCell<Spte>> small;
  private final List<RefCell<Spte>> huge;

  Tlb(Vcpu vcpu, KvmConfig config) {
    this.small = new ArrayList<>(config.guestPages());
    for (int gfn = 0; gfn < config.guestPages(); gfn++) {
      small.add(new RefCell<Spte>("tlb(" + vcpu + ", g" + gfn + ")", null).hidden());
    }
    this.huge = new ArrayList<>(1);
    for (int gfn = 0; config.hugePages() && gfn < small.size(); gfn += Hva.PAGES_PER_HPAGE) {
      huge.add(new RefCell<Spte>("tlb(" + vcpu + ", g" + gfn + ", 2 MiB)", null).hidden());
    }
  }

  /// Returns an entry that lets the guest access `gfn`, a write if `write`, or null.
  @Nullable Spte lookup(Gfn gfn, boolean write) {
    Spte spte = cell(gfn, false).get();
    if (!huge.isEmpty() && (spte == null || !spte.permits(write))) {
      spte = cell(gfn, true).get();
    }
    return spte != null && spte.permits(write) ? spte : null;
  }

  void fill(Gfn gfn, Spte spte) {
    cell(gfn, spte.huge()).writeOnce(spte);
  }

  void flush() {
    huge.forEach(Tlb::flush);
    small.forEach(Tlb::flush);
  }

  private static void flush(RefCell<Spte> cell) {
    if (cell.get() != null) {
      cell.writeOnce(null);
    }
  }

  void watch() {
    huge.forEach(RefCell::watch);
    small.forEach(RefCell::watch);
  }

  /// Calls `action` with every page that is translated now, and the entry that does it, whoever
  /// asks; twice where there are two.
  void forEachLatest(BiConsumer<Gfn, Spte> action) {
    for (int number = 0; number < small.size(); number++) {
      Gfn gfn = new Gfn(number);
      Spte spte = small.get(number).latest();
      if (spte != null) {
        action.accept(gfn, spte);
      }
      spte = huge.isEmpty() ? null : cell(gfn, true).latest();
      if (spte != null) {
        action.accept(gfn, spte);
      }
    }
  }

  private RefCell<Spte> cell(Gfn gfn, boolean wide) {
    int number = Math.toIntExact(gfn.number());
    return wide ? huge.get(number / Hva.PAGES_PER_HPAGE) : small.get(number);
  }
}
