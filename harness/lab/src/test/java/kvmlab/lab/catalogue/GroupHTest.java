// SPDX-License-Identifier: MIT
package kvmlab.lab.catalogue;

import static kvmlab.lab.LabAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import kvmlab.kernel.Mutex;
import kvmlab.kvm.DirectPageFault;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.HandleHvaRange;
import kvmlab.kvm.HvaHandler;
import kvmlab.kvm.InvalidateRange;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmCap;
import kvmlab.kvm.KvmMemorySlot;
import kvmlab.kvm.RetPf;
import kvmlab.kvm.Vcpu;
import kvmlab.kvm.design.CountsInvalidations;
import kvmlab.kvm.design.Design;
import kvmlab.lab.Exploration;
import kvmlab.mm.Hva;
import kvmlab.mm.MmuNotifierRange;
import kvmlab.mm.Pfn;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The four build configurations: what is compiled in, and what is done without it.
///
/// Not here, since nothing of it runs: H7, a symbol of Kconfig that takes the type of its
/// neighbour; H9, locks that sleep under PREEMPT_RT.
class GroupHTest {

  @ParameterizedTest
  @EnumSource
  void everyDesignWorksInEveryConfiguration(Design design) {
    LifeScene scene =
        new LifeScene()
            .ops(design.ops())
            .touched()
            .before(kvm -> kvm.setMemoryRegion(LifeScene.SLOT.deleted()))
            .touched()
            .destroying();
    assertThat(scene.explore()).isSafe().isExhaustive();
    assertThat(scene.notifiers(true, false).explore()).isSafe().isExhaustive();
    assertThat(scene.notifiers(false, true).explore()).isSafe().isExhaustive();
    assertThat(scene.notifiers(false, false).explore()).isSafe().isExhaustive();
  }

  /// A fault that tests for invalidations, whatever the configuration.
  private static RetPf testAlways(Vcpu vcpu, Gfn gfn, boolean write) {
    Kvm kvm = vcpu.kvm();
    long mmuSeq = kvm.mmuNotifierSeq.readOnce();
    KvmMemorySlot slot = vcpu.gfnToMemslot(gfn);
    if (slot == null) {
      return RetPf.EMULATE;
    }
    Hva hva = slot.gfnToHva(gfn);
    Pfn pfn = kvm.hvaToPfn(hva, write);
    kvm.mmuLock.writeLock();
    RetPf ret = RetPf.RETRY;
    if (!kvm.mmuNotifierRetryHva(mmuSeq, hva)) {
      ret = kvm.mmu.directMap(slot, gfn, pfn, write);
    }
    kvm.mmuLock.writeUnlock();
    return ret;
  }

  @Test
  void h1FieldUnderAnIfUsedEverywhere() {
    LifeScene scene =
        new LifeScene()
            .with(_ -> (DirectPageFault) GroupHTest::testAlways)
            .memory()
            .before(Kvm::createVcpu)
            .first(kvm -> kvm.vcpus().getFirst().read(LifeScene.G0));
    assertThat(scene.explore()).isSafe().isExhaustive();
    assertThat(scene.notifiers(true, false).explore()).breaks("I37");
    assertThat(scene.notifiers(false, true).explore()).breaks("I37");
    assertThat(scene.notifiers(false, false).explore()).breaks("I37");
  }

  @Test
  void h2UsedUnderOneOfTwoConditions() {
    class OneCondition extends Life {
      OneCondition(Kvm kvm) {
        super(kvm);
      }

      @Override
      int initMmuNotifier() {
        return kvm.config().mmuNotifier() ? kvm.steps.mmuNotifierRegister() : 0;
      }
    }

    LifeScene scene = new LifeScene().with(OneCondition::new).creating();
    assertThat(scene.explore()).isSafe().isExhaustive();
    assertThat(scene.notifiers(false, true).explore()).isSafe().isExhaustive();
    assertThat(scene.notifiers(true, false).explore()).breaks("I37");
  }

  /// An invalidation that looks at the memslots under a lock that keeps them, and outside a read
  /// section.
  private static class UnderItsLock implements InvalidateRange, HandleHvaRange {
    private final Kvm kvm;
    private final Mutex freeze = new Mutex("mmu_notifier_slots_lock");
    private final boolean reads;

    UnderItsLock(Kvm kvm, boolean reads) {
      this.kvm = kvm;
      this.reads = reads;
    }

    @Override
    public void init() {
      freeze.init();
    }

    @Override
    public boolean handleHvaRange(Hva start, Hva end, HvaHandler handler) {
      return kvm.memslots(0).slots().isEmpty();
    }

    @Override
    public int invalidateRangeStart(MmuNotifierRange range) {
      freeze.lock();
      int index = reads ? kvm.srcu.readLock() : 0;
      kvm.handleHvaRange(range.start(), range.end(), _ -> false);
      if (reads) {
        kvm.srcu.readUnlock(index);
      }
      freeze.unlock();
      return 0;
    }

    @Override
    public void invalidateRangeEnd(MmuNotifierRange range) {}
  }

  @Test
  void h3AccessorThatDoesNotKnowTheNewLock() {
    LifeScene scene = new LifeScene().unmap();
    assertThat(scene.with(kvm -> new UnderItsLock(kvm, true)).explore()).isSafe().isExhaustive();
    Exploration exploration = scene.with(kvm -> new UnderItsLock(kvm, false)).explore();
    assertThat(exploration.explain()).contains("suspicious RCU usage");
  }

  /// What an accessor lets pass that is content with a count: whoever's sections are counted.
  private static void readWhileCounted(Kvm kvm) {
    CountsInvalidations counts = Objects.requireNonNull(kvm.piece(CountsInvalidations.class));
    if (counts.activeInvalidations() != 0) {
      assertThat(kvm.latestMemslots(0).slots()).hasSize(1);
    }
  }

  private static Exploration readWhileCounted(boolean inside) {
    return Walks.explore(
        Set.of("I17"),
        world -> {
          Kvm kvm = world.vm(Design.ACTIVE_COUNT.ops(), 1);
          KvmMemorySlot logging =
              new KvmMemorySlot(0, LifeScene.G0, 1, Hva.page(0))
                  .withFlags(KvmMemorySlot.KVM_MEM_LOG_DIRTY_PAGES);
          world.task("CPU 0 (ioctl)", () -> kvm.setMemoryRegion(logging));
          Runnable read = () -> readWhileCounted(kvm);
          world.task(
              "CPU 1 (madvise)", () -> Walks.section(world, Walks.H4, inside ? read : () -> {}));
          if (!inside) {
            world.task("CPU 2", read);
          }
        });
  }

  @Test
  void h3AccessorThatIsContentWithAnybodysSection() {
    assertThat(readWhileCounted(true)).isSafe().isExhaustive();
    assertThat(readWhileCounted(false)).breaks("I17");
  }

  private static Function<Kvm, Life> ending(Consumer<Kvm> flush) {
    return kvm ->
        new Life(kvm) {
          @Override
          void exitMmuNotifier() {
            flush.accept(kvm);
          }
        };
  }

  @Test
  void h4NobodyFlushesWithoutNotifiers() {
    LifeScene scene =
        new LifeScene()
            .with(
                ending(kvm -> {
                  if (kvm.config().notifiers()) {
                    kvm.steps.mmuNotifierUnregister();
                  }
                }))
            .touched()
            .destroying();
    assertThat(scene.explore()).isSafe().isExhaustive();
    assertThat(scene.notifiers(true, false).explore()).breaks("I36");
    assertThat(scene.notifiers(false, false).explore()).breaks("I36");
  }

  @Test
  void h5BothBranches() {
    LifeScene scene =
        new LifeScene()
            .with(
                ending(kvm -> {
                  kvm.steps.mmuNotifierUnregister();
                  kvm.archFlushShadowAll();
                }))
            .touched()
            .destroying();
    // Flushing twice is slow where there is nothing left to free.
    assertThat(scene.explore()).isSafe().isExhaustive();
    assertThat(scene.notifiers(true, false).explore()).breaks("I37");
  }

  @Test
  void h6SyncMmuAdvertisedOnAnotherCondition() {
    class Promising extends Life {
      Promising(Kvm kvm) {
        super(kvm);
      }

      @Override
      public int checkExtension(Kvm any, KvmCap cap) {
        return kvm.config().archWantsMmuNotifier() ? 1 : 0;
      }
    }

    LifeScene scene = new LifeScene().with(Promising::new).creating();
    assertThat(scene.explore()).isSafe().isExhaustive();
    assertThat(scene.notifiers(true, false).explore()).isSafe().isExhaustive();
    assertThat(scene.notifiers(false, true).explore()).breaks("I36");
  }
}
