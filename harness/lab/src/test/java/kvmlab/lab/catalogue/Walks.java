// SPDX-License-Identifier: MIT
package kvmlab.lab.catalogue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import kvmlab.explore.MemoryModel;
import kvmlab.kernel.Lockdep;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmHvaRange;
import kvmlab.kvm.KvmOps;
import kvmlab.kvm.LockOnHit;
import kvmlab.kvm.ProtocolPiece;
import kvmlab.lab.Exploration;
import kvmlab.lab.Lab;
import kvmlab.lab.Scenario;
import kvmlab.lab.World;
import kvmlab.lab.design.DesignTable;
import kvmlab.lab.design.DesignTable.Cell;
import kvmlab.lab.design.Trial;
import kvmlab.mm.Hva;
import kvmlab.mm.MmuNotifierRange;

/// What wrong designs are built of, and put through: groups C, E, F and K.
final class Walks {
  static final MmuNotifierRange H0 = new MmuNotifierRange(Hva.page(0), Hva.page(1), true);
  static final MmuNotifierRange H1 = new MmuNotifierRange(Hva.page(1), Hva.page(2), true);
  static final MmuNotifierRange H4 = new MmuNotifierRange(Hva.page(4), Hva.page(5), true);

  private Walks() {}

  /// The walk of start.
  static void start(Kvm kvm, MmuNotifierRange range, boolean mustLock) {
    walkOfStart(kvm, range, mustLock, kvm::incNotifierCount);
  }

  /// The walk of start with another `onLock`.
  static void walkOfStart(
      Kvm kvm, MmuNotifierRange range, boolean mustLock, KvmHvaRange.OnLock onLock) {
    kvm.handleHvaRange(
        new KvmHvaRange(
            range.start(),
            range.end(),
            kvm.mmu::unmapGfnRange,
            onLock,
            mustLock,
            true,
            range.blockable()));
  }

  /// The walk of end.
  static void end(Kvm kvm, MmuNotifierRange range, boolean mustLock) {
    kvm.handleHvaRange(
        new KvmHvaRange(
            range.start(),
            range.end(),
            null,
            kvm::decNotifierCount,
            mustLock,
            false,
            range.blockable()));
  }

  /// Returns the reference with `mmu_lock` on a hit and `piece`.
  static KvmOps eliding(Function<? super Kvm, ? extends ProtocolPiece> piece) {
    return KvmOps.reference().with(LockOnHit::new).with(piece);
  }

  static MmuNotifierRange nonBlockable(MmuNotifierRange range) {
    return new MmuNotifierRange(range.start(), range.end(), false);
  }

  static void section(World world, MmuNotifierRange range, Runnable inside) {
    world.mm().notifierSubscriptions().invalidateRangeStart(range);
    inside.run();
    world.mm().notifierSubscriptions().invalidateRangeEnd(range);
  }

  static void section(World world, MmuNotifierRange range) {
    section(world, range, () -> {});
  }

  /// Asserts that the trial breaks `invariant` in a VM with the pieces `ops`.
  static void assertBreaks(Trial trial, KvmOps ops, String invariant) {
    Map<String, Cell> known = DesignTable.compute(trial, "mutant", ops);
    assertThat(known.get(invariant)).as("%s", known).isInstanceOf(DesignTable.Broken.class);
  }

  /// Asserts that the trial breaks nothing.
  static void assertHolds(Trial trial, KvmOps ops) {
    assertThat(DesignTable.compute(trial, "variant", ops))
        .allSatisfy((_, cell) -> assertThat(cell).isNotInstanceOf(DesignTable.Broken.class));
  }

  /// Explores a race that is judged by all invariants, and by lockdep.
  static Exploration explore(Consumer<World> race) {
    return explore(true, _ -> true, race);
  }

  /// Explores a race that is judged by these invariants only.
  static Exploration explore(Set<String> watched, Consumer<World> race) {
    return explore(false, watched::contains, race);
  }

  private static Exploration explore(
      boolean lockdep, Predicate<String> watches, Consumer<World> race) {
    return Lab.explore(
        new Scenario() {
          @Override
          public void build(World world) {
            Lockdep.proveLocking(lockdep);
            race.accept(world);
          }

          @Override
          public boolean watches(String invariant) {
            return watches.test(invariant) && (!lockdep || Scenario.super.watches(invariant));
          }

          @Override
          public MemoryModel model() {
            return MemoryModel.SC;
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
            return "lab:Wrong";
          }
        });
  }
}
