// SPDX-License-Identifier: MIT
package kvmlab.lab.catalogue;

import static kvmlab.kernel.Errno.ENOMEM;
import static kvmlab.lab.LabAssertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import kvmlab.kernel.KmemObject;
import kvmlab.kernel.LongCell;
import kvmlab.kernel.RefCell;
import kvmlab.kernel.Spinlock;
import kvmlab.kernel.SrcuStruct;
import kvmlab.kvm.InstallNewMemslots;
import kvmlab.kvm.InvalidateRange;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmConfig;
import kvmlab.kvm.KvmMemorySlot;
import kvmlab.kvm.KvmOps;
import kvmlab.kvm.VmStep;
import kvmlab.kvm.design.Design;
import kvmlab.lab.Exploration;
import kvmlab.mm.Hva;
import kvmlab.mm.MmStruct;
import kvmlab.mm.MmuNotifierOps;
import kvmlab.mm.MmuNotifierRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Creation and destruction: what is used before it is ready, or after it has gone.
class GroupGTest {
  private static final KvmOps COUNTED = Design.ACTIVE_COUNT.ops();
  private static final KvmMemorySlot PRIVATE =
      new KvmMemorySlot(KvmMemorySlot.KVM_USER_MEM_SLOTS, LifeScene.G0, 1, Hva.page(0));

  @Test
  void lifeInPartsIsAsGoodAsTheReference() {
    assertThat(new LifeScene().with(Life::new).touched().destroying().unmap().explore())
        .isSafe()
        .isExhaustive();
    assertThat(new LifeScene().ops(COUNTED).with(Life::new).creating().unmap().explore())
        .isSafe()
        .isExhaustive();
    assertThat(new LifeScene().touched().destroying().unmap().explore()).isSafe().isExhaustive();
    assertThat(new LifeScene().ops(COUNTED).creating().unmap().explore()).isSafe().isExhaustive();
  }

  private static class LockWithTheNotifier extends Life {
    LockWithTheNotifier(Kvm kvm) {
      super(kvm);
    }

    @Override
    void initLocks() {
      initCommonLocks();
    }

    @Override
    int initMmuNotifier() {
      if (kvm.config().notifiers()) {
        kvm.steps.initPieces();
      }
      return super.initMmuNotifier();
    }
  }

  @Test
  void g1FreezeLockInitialisedOnlyWithNotifiers() {
    LifeScene scene =
        new LifeScene()
            .ops(COUNTED)
            .with(LockWithTheNotifier::new)
            .first(kvm -> kvm.setMemoryRegion(LifeScene.SLOT));
    assertThat(scene.explore()).isSafe().isExhaustive();
    for (boolean compiled : List.of(true, false)) {
      assertThat(scene.notifiers(compiled, false).explore()).breaks("I25");
      assertThat(scene.notifiers(false, compiled).explore()).breaks("I25");
    }
  }

  @Test
  void g2FreezeLockInitialisedAfterRegistration() {
    class Late extends Life {
      Late(Kvm kvm) {
        super(kvm);
      }

      @Override
      void initLocks() {
        initCommonLocks();
      }

      @Override
      int initMmuNotifier() {
        int error = super.initMmuNotifier();
        kvm.steps.initPieces();
        return error;
      }
    }

    assertThat(new LifeScene().ops(COUNTED).with(Late::new).creating().unmap().explore())
        .breaks("I25");
    assertThat(
            new LifeScene()
                .ops(COUNTED)
                .with(LockWithTheNotifier::new)
                .creating()
                .unmap()
                .explore())
        .isSafe()
        .isExhaustive();
  }

  @Test
  void g3FreezeLockInitialisedAfterTheFirstPublication() {
    class Publishing extends LockWithTheNotifier {
      Publishing(Kvm kvm) {
        super(kvm);
      }

      @Override
      int initMmuNotifier() {
        kvm.slotsLock.lock();
        kvm.slotsArchLock.lock();
        Objects.requireNonNull(kvm.piece(InstallNewMemslots.class))
            .installNewMemslots(0, kvm.activeMemslots(0).copy());
        kvm.slotsLock.unlock();
        return super.initMmuNotifier();
      }
    }

    assertThat(new LifeScene().ops(COUNTED).with(Publishing::new).creating().explore())
        .breaks("I25");
    // Stored directly, as in v5.12, the first memslots need no lock.
    assertThat(new LifeScene().ops(COUNTED).with(LockWithTheNotifier::new).creating().explore())
        .isSafe()
        .isExhaustive();
  }

  @Test
  void g4MemslotsFreedBeforeUnregister() {
    class Hasty extends Life {
      Hasty(Kvm kvm) {
        super(kvm);
      }

      @Override
      void exitMmuNotifier() {
        kvm.latestMemslots(0).free();
        super.exitMmuNotifier();
      }
    }

    assertThat(new LifeScene().with(Hasty::new).memory().destroying().unmap().explore())
        .breaks("I17");
  }

  /// A list of subscribers without the grace period of `mmu_notifier_unregister()`.
  private static Exploration unregister(boolean waits) {
    class Subscriber implements MmuNotifierOps {
      private final KmemObject vm = new KmemObject("struct kvm", "I17");

      @Override
      public int invalidateRangeStart(MmuNotifierRange range) {
        vm.access("invalidate_range_start()");
        return 0;
      }

      @Override
      public void invalidateRangeEnd(MmuNotifierRange range) {
        vm.access("invalidate_range_end()");
      }
    }

    List<Runnable> tasks = new ArrayList<>();
    return new LifeScene()
        .before(kvm -> {
          SrcuStruct srcu = SrcuStruct.define("srcu");
          Subscriber subscriber = new Subscriber();
          RefCell<Subscriber> list = new RefCell<>("list", subscriber);
          MmuNotifierRange range = new MmuNotifierRange(Hva.page(0), Hva.page(1), true);
          tasks.clear();
          tasks.add(() -> {
            list.rcuAssignPointer(null);
            if (waits) {
              srcu.synchronize();
            }
            subscriber.vm.free();
          });
          tasks.add(() -> {
            int index = srcu.readLock();
            Subscriber found = list.srcuDereference(srcu);
            if (found != null) {
              found.invalidateRangeStart(range);
            }
            srcu.readUnlock(index);
          });
        })
        .first(_ -> tasks.get(0).run())
        .second(_ -> tasks.get(1).run())
        .explore();
  }

  @Test
  void g5UnregisterThatDoesNotWait() {
    assertThat(unregister(false)).breaks("I17");
    assertThat(unregister(true)).isSafe().isExhaustive();
  }

  private static class NoReset extends Life {
    NoReset(Kvm kvm) {
      super(kvm);
    }

    @Override
    void resetPieces() {}
  }

  private static LifeScene destroyedInside(KvmOps ops) {
    return new LifeScene()
        .ops(ops)
        .before(kvm -> kvm.setMemoryRegion(PRIVATE))
        .destroying()
        .unmap();
  }

  @Test
  void g6CountLeftBehindAtDestroy() {
    assertThat(destroyedInside(COUNTED.with(NoReset::new)).explore()).breaks("I32");
    assertThat(destroyedInside(COUNTED).explore()).isSafe().isExhaustive();
    // What nobody waits for may stay.
    assertThat(destroyedInside(KvmOps.reference().with(NoReset::new)).explore())
        .isSafe()
        .isExhaustive();
  }

  @Test
  void g8LockInitialisedAnewUnderAWaiter() {
    LifeScene scene =
        new LifeScene().ops(COUNTED).second(kvm -> kvm.setMemoryRegion(LifeScene.SLOT));
    assertThat(scene.first(k -> k.steps.initPieces()).explore()).breaks("I25");
    assertThat(scene.first(kvm -> {}).explore()).isSafe().isExhaustive();
  }

  /// Second-stage tables of an architecture that frees them in release and at the end.
  private static class Stage2 extends Life implements MmuNotifierOps {
    private final KmemObject tables = new KmemObject("the stage-2 tables", "I17");
    private final LongCell pgd = new LongCell("kvm->arch.pgd", 1);
    private final Spinlock lock = Spinlock.define("stage-2 lock");
    private final boolean locked;

    Stage2(Kvm kvm, boolean locked) {
      super(kvm);
      this.locked = locked;
    }

    @Override
    int initMmuNotifier() {
      kvm.mm.mmuNotifierRegister(this);
      return super.initMmuNotifier();
    }

    @Override
    void exitMmuNotifier() {
      super.exitMmuNotifier();
      // For good measure: the host may have called release, or not.
      free();
      kvm.mm.mmuNotifierUnregister(this);
    }

    @Override
    public void release() {
      free();
    }

    private void free() {
      if (locked) {
        lock.lock();
      }
      boolean there = pgd.readOnce() != 0;
      pgd.writeOnce(0);
      if (locked) {
        lock.unlock();
      }
      if (there) {
        tables.free();
      }
    }

    @Override
    public int invalidateRangeStart(MmuNotifierRange range) {
      return 0;
    }

    @Override
    public void invalidateRangeEnd(MmuNotifierRange range) {}
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void g10ReleaseAndDestroyFreeTheSameTables(boolean locked) {
    Exploration exploration =
        new LifeScene()
            .with(kvm -> new Stage2(kvm, locked))
            .destroying()
            .second(kvm -> kvm.mm.exitMmap())
            .unwatched("I1")
            .explore();
    if (locked) {
      assertThat(exploration).isSafe().isExhaustive();
    } else {
      assertThat(exploration).breaks("I17");
    }
  }

  @Test
  void g11ErrorPathUnregistersWhatWasNeverRegistered() {
    class Eager extends Life {
      Eager(Kvm kvm) {
        super(kvm);
      }

      @Override
      void unwind() {
        if (kvm.missing().contains(VmStep.MMU_NOTIFIER.taken())) {
          exitMmuNotifier();
        }
        super.unwind();
      }
    }

    LifeScene scene = new LifeScene().with(Eager::new).creating();
    assertThat(scene.config(failing(VmStep.ARCH)).explore()).breaks("I17");
    assertThat(scene.config(failing(VmStep.ARCH_POST)).explore()).isSafe().isExhaustive();
  }

  @Test
  void g11ErrorPathForgetsToUnregister() {
    class Forgetful extends Life {
      Forgetful(Kvm kvm) {
        super(kvm);
      }

      @Override
      void exitMmuNotifier() {}
    }

    LifeScene scene =
        new LifeScene().with(Forgetful::new).creating().config(failing(VmStep.ARCH_POST));
    assertThat(scene.explore()).breaks("I17");
    assertThat(scene.with(Life::new).explore()).isSafe().isExhaustive();
    assertThat(scene.with(Forgetful::new).config(failing(VmStep.MMU_NOTIFIER)).explore())
        .isSafe()
        .isExhaustive();
  }

  @Test
  void errorThatIsSwallowedLeavesAHalfVm() {
    class Careless extends Life {
      Careless(Kvm kvm) {
        super(kvm);
      }

      @Override
      int initMmuNotifier() {
        kvm.steps.mmuNotifierRegister();
        return 0;
      }

      @Override
      public int createVm() {
        super.createVm();
        return 0;
      }
    }

    LifeScene scene = new LifeScene().with(Careless::new).creating();
    assertThat(scene.explore()).isSafe().isExhaustive();
    assertThat(scene.config(failing(VmStep.ARCH)).explore()).breaks("I25");
    assertThat(scene.config(failing(VmStep.MMU_NOTIFIER)).explore()).breaks("I25");
  }

  @Test
  void translationMadeAfterTheLastFlushIsLeft() {
    class Installing extends Life {
      Installing(Kvm kvm) {
        super(kvm);
      }

      @Override
      void exitMmuNotifier() {
        super.exitMmuNotifier();
        KvmMemorySlot slot = Objects.requireNonNull(kvm.latestMemslots(0).idToMemslot(0));
        kvm.mmuLock.writeLock();
        kvm.mmu.directMap(
            slot, LifeScene.G0, Objects.requireNonNull(kvm.mm.latestPte(Hva.page(0))).pfn(), false);
        kvm.mmuLock.writeUnlock();
      }
    }

    assertThat(new LifeScene().with(Installing::new).memory().destroying().explore()).breaks("I17");
  }

  private static KvmConfig failing(VmStep step) {
    return KvmConfig.SMALL.withFailure(step, -ENOMEM);
  }

  @Test
  void g12KvmRunInAnotherProcess() {
    class Anybody extends Life {
      Anybody(Kvm kvm) {
        super(kvm);
      }

      @Override
      public int ioctl(Kvm any) {
        return 0;
      }
    }

    LifeScene scene =
        new LifeScene()
            .memory()
            .before(Kvm::createVcpu)
            .first(kvm -> {
              new MmStruct(1).useMm();
              kvm.vcpus().getFirst().read(LifeScene.G0);
            })
            .second(kvm -> kvm.mm.exitMmap());
    assertThat(scene.explore()).isSafe().isExhaustive();
    assertThat(scene.with(Anybody::new).explore()).breaks("I2");
  }

  /// A side cache with a lock of its own, which start takes.
  private static class Cached implements InvalidateRange {
    private final Kvm kvm;
    private final Spinlock gpcLock = new Spinlock("gpc->lock");
    private final boolean lazily;

    Cached(Kvm kvm, boolean lazily) {
      this.kvm = kvm;
      this.lazily = lazily;
    }

    @Override
    public void init() {
      if (!lazily) {
        gpcLock.init();
      }
    }

    void activate() {
      if (lazily) {
        gpcLock.init();
      }
      gpcLock.lock();
      gpcLock.unlock();
    }

    @Override
    public int invalidateRangeStart(MmuNotifierRange range) {
      gpcLock.lock();
      gpcLock.unlock();
      int index = kvm.srcu.readLock();
      kvm.mmuLock.writeLock();
      kvm.incNotifierCount(range.start(), range.end());
      kvm.mmuLock.writeUnlock();
      kvm.srcu.readUnlock(index);
      return 0;
    }

    @Override
    public void invalidateRangeEnd(MmuNotifierRange range) {
      kvm.mmuLock.writeLock();
      kvm.decNotifierCount(range.start(), range.end());
      kvm.mmuLock.writeUnlock();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void g14LockOfASideCacheInitialisedWhenItIsActivated(boolean lazily) {
    Exploration exploration =
        new LifeScene()
            .with(kvm -> new Cached(kvm, lazily))
            .memory()
            .first(kvm -> Objects.requireNonNull(kvm.piece(Cached.class)).activate())
            .unmap()
            .explore();
    if (lazily) {
      assertThat(exploration).breaks("I25");
    } else {
      assertThat(exploration).isSafe().isExhaustive();
    }
  }
}
