// SPDX-License-Identifier: MIT
package kvmlab.lab.design;

import java.util.Comparator;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import kvmlab.explore.MemoryModel;
import kvmlab.kernel.Lockdep;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmMemorySlot;
import kvmlab.kvm.KvmOps;
import kvmlab.lab.Scenario;
import kvmlab.lab.World;
import kvmlab.machine.Violation;
import kvmlab.mm.Hva;
import kvmlab.mm.MmuNotifierRange;
import org.jspecify.annotations.Nullable;

/// A race that every design is put through: a scenario with a hole for the VM. Found by the service
/// loader.
///
/// The page that is invalidated is `h1`. Sections are sent by hand where what the host does in
/// between does not matter.
public abstract class Trial {
  /// A page of the guest, in trials whose VM has one from the beginning.
  protected static final MmuNotifierRange H0 = new MmuNotifierRange(Hva.page(0), Hva.page(1), true);

  /// The page that is invalidated.
  protected static final MmuNotifierRange H1 = new MmuNotifierRange(Hva.page(1), Hva.page(2), true);

  /// A page that no trial ever gives to a guest.
  protected static final MmuNotifierRange H4 = new MmuNotifierRange(Hva.page(4), Hva.page(5), true);

  /// The memslot of `h1`.
  protected static final KvmMemorySlot SLOT_OF_H1 =
      new KvmMemorySlot(1, new Gfn(1), 1, Hva.page(1));

  private final Set<String> invariants;

  /// @param invariants the identifiers of what it puts to the test
  protected Trial(String... invariants) {
    this.invariants = Set.of(invariants);
  }

  /// Returns every trial, by name.
  public static List<Trial> all() {
    return ServiceLoader.load(Trial.class, Trial.class.getClassLoader()).stream()
        .map(ServiceLoader.Provider::get)
        .sorted(Comparator.comparing(Trial::name))
        .toList();
  }

  /// Returns the name: the race, in the present tense.
  public final String name() {
    return getClass().getSimpleName();
  }

  /// Returns the identifiers of what it puts to the test.
  public final Set<String> invariants() {
    return invariants;
  }

  /// Builds the world with VMs that have the pieces `ops`.
  protected abstract void build(World world, KvmOps ops);

  /// Returns what is broken when an execution ends as `violation` says; null if that is unknown.
  protected @Nullable String broken(Violation violation) {
    return violation.invariant();
  }

  /// Returns whether lockdep looks on. A lock that is held from start to end is out of order before
  /// anything else has gone wrong, so it does for one trial only.
  protected boolean provesLocking() {
    return false;
  }

  /// Returns what reads of marked memory may return.
  protected MemoryModel model() {
    return MemoryModel.SC;
  }

  /// Returns the scenario that puts the pieces `ops` to the test.
  ///
  /// @param what the name of the pieces
  /// @param watched the identifiers of the invariants that judge
  public final Scenario of(String what, KvmOps ops, Set<String> watched) {
    return new Scenario() {
      @Override
      public void build(World world) {
        Lockdep.proveLocking(provesLocking());
        Trial.this.build(world, ops);
      }

      @Override
      public boolean watches(String invariant) {
        return watched.contains(invariant);
      }

      @Override
      public MemoryModel model() {
        return Trial.this.model();
      }

      @Override
      public long executionsMax() {
        return 20_000;
      }

      @Override
      public int randomRuns() {
        return 0;
      }

      @Override
      public String id() {
        return "design:" + name() + "+" + what;
      }
    };
  }

  /// Opens a section, does `inside`, and closes it.
  protected static void section(World world, MmuNotifierRange range, Runnable inside) {
    world.mm().notifierSubscriptions().invalidateRangeStart(range);
    inside.run();
    world.mm().notifierSubscriptions().invalidateRangeEnd(range);
  }

  /// Opens a section and closes it.
  protected static void section(World world, MmuNotifierRange range) {
    section(world, range, () -> {});
  }

  /// Adds the task that gives `h1` to the guest.
  protected static void createsSlot(World world, Kvm kvm) {
    updates(world, () -> kvm.setMemoryRegion(SLOT_OF_H1));
  }

  /// Adds the task that updates memslots.
  protected static void updates(World world, Runnable update) {
    world.task("CPU 1 (KVM_SET_USER_MEMORY_REGION)", update);
  }
}
