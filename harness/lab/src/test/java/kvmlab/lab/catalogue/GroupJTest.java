// SPDX-License-Identifier: MIT
package kvmlab.lab.catalogue;

import static kvmlab.lab.LabAssertions.assertThat;
import static kvmlab.lab.catalogue.SlotScene.G0;
import static kvmlab.lab.catalogue.SlotScene.G1;
import static kvmlab.lab.catalogue.SlotScene.SLOT;
import static kvmlab.lab.catalogue.SlotScene.invalidate;
import static kvmlab.lab.catalogue.SlotScene.remove;
import static kvmlab.lab.catalogue.SlotScene.slot;

import kvmlab.kvm.DirectPageFault;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.HandleHvaRange;
import kvmlab.kvm.HandleMmioPageFault;
import kvmlab.kvm.HvaHandler;
import kvmlab.kvm.InstallNewMemslots;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmConfig;
import kvmlab.kvm.KvmGfnRange;
import kvmlab.kvm.KvmMemorySlot;
import kvmlab.kvm.KvmMemslots;
import kvmlab.kvm.MmioSptes;
import kvmlab.kvm.RetPf;
import kvmlab.kvm.Vcpu;
import kvmlab.lab.Exploration;
import kvmlab.mm.Hva;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Group J: SRCU and the update in two phases.
class GroupJTest {

  /// The publication of v5.12 with parts that can be left out.
  private static class Publication implements InstallNewMemslots {
    final Kvm kvm;
    private int installed;

    Publication(Kvm kvm) {
      this.kvm = kvm;
    }

    @Override
    public void installNewMemslots(int asId, KvmMemslots slots) {
      installed++;
      kvm.beginUpdate(asId, slots);
      kvm.publishMemslots(asId, slots);
      synchronize();
      finish(slots);
    }

    void finish(KvmMemslots slots) {
      kvm.finishUpdate(slots);
    }

    void synchronize() {
      kvm.srcu.synchronize();
    }

    /// Returns whether this is the first phase of the deletion of a slot that was created before.
    boolean firstPhase() {
      return installed == 2;
    }
  }

  @Test
  void deletionOfTheReferenceIsSafe() {
    assertThat(
            new SlotScene().set(SLOT.deleted()).guest(vcpu -> vcpu.access(G0, true, 1)).explore())
        .isSafe()
        .isExhaustive();
    assertThat(
            new SlotScene().with(Publication::new).touched().set(SLOT.deleted()).unmap().explore())
        .isSafe()
        .isExhaustive();
  }

  @Test
  void moveOfTheReferenceIsSafe() {
    assertThat(
            new SlotScene().set(SLOT.movedTo(G1)).guest(vcpu -> vcpu.access(G0, true, 1)).explore())
        .isSafe()
        .isExhaustive();
  }

  @Test
  void j1NoInvalidPhase() {
    assertThat(
            new SlotScene()
                .updateLocked(kvm -> {
                  kvm.flushShadowMemslot(slot(kvm));
                  remove(kvm);
                })
                .guest(vcpu -> vcpu.access(G0, true, 1))
                .explore())
        .breaks("I7");
  }

  @Test
  void j2NoGracePeriodBeforeTheFlush() {
    assertThat(
            new SlotScene()
                .with(kvm ->
                    new Publication(kvm) {
                      @Override
                      void synchronize() {
                        if (!firstPhase()) {
                          super.synchronize();
                        }
                      }
                    })
                .set(SLOT.deleted())
                .guest(vcpu -> vcpu.access(G0, true, 1))
                .explore())
        .breaks("I7");
  }

  @Test
  void j3FlushBeforeTheFirstPhase() {
    assertThat(
            new SlotScene()
                .updateLocked(kvm -> {
                  kvm.flushShadowMemslot(slot(kvm));
                  invalidate(kvm);
                  remove(kvm);
                })
                .guest(vcpu -> vcpu.access(G0, true, 1))
                .explore())
        .breaks("I7");
  }

  @Test
  void j5GenerationChangesBeforeThePublication() {
    assertThat(
            devices(4)
                .with(kvm ->
                    new Publication(kvm) {
                      @Override
                      public void installNewMemslots(int asId, KvmMemslots slots) {
                        slots.generation.set(slots.generation.get() + 1);
                        kvm.publishMemslots(asId, slots);
                        kvm.srcu.synchronize();
                      }
                    })
                .explore())
        .breaks("I9");
  }

  @Test
  void j5GenerationChangesAfterThePublication() {
    assertThat(
            devices(4)
                .with(kvm ->
                    new Publication(kvm) {
                      @Override
                      public void installNewMemslots(int asId, KvmMemslots slots) {
                        kvm.publishMemslots(asId, slots);
                        kvm.srcu.synchronize();
                        slots.generation.writeOnce(slots.generation.get() + 1);
                      }
                    })
                .explore())
        .breaks("I9");
  }

  @Test
  void j6EntriesAreZappedWhenTheNumberIsThereAgain() {
    assertThat(
            devices(0)
                .with(kvm ->
                    new Publication(kvm) {
                      @Override
                      void finish(KvmMemslots slots) {
                        long generation =
                            (slots.generation.get() & Long.MAX_VALUE) + kvm.addressSpaces();
                        slots.generation.writeOnce(generation);
                        kvm.archMemslotsUpdated(generation);
                      }
                    })
                .explore())
        .breaks("I9");
    assertThat(devices(0).explore()).isSafe().isExhaustive();
  }

  @Test
  void j7MmioIsRememberedInFlux() {
    assertThat(
            devices(4)
                .with(kvm ->
                    new MmioSptes(kvm, 4) {
                      @Override
                      protected boolean inProgress(long generation) {
                        return false;
                      }
                    })
                .explore())
        .breaks("I9");
    assertThat(devices(4).explore()).isSafe().isExhaustive();
  }

  /// The guest reads a page twice while it gets a memslot. Entries have so many bits for the
  /// generation; with none, every generation has the number of the one before.
  static SlotScene devices(int generationBits) {
    return new SlotScene()
        .absent()
        .with(kvm -> new MmioSptes(kvm, generationBits))
        .set(SLOT)
        .guest(vcpu -> {
          vcpu.access(G0, false, 1);
          vcpu.access(G0, false, 1);
        });
  }

  @Test
  void j8AddressSpacesHaveTheSameGenerations() {
    assertThat(leavesSmm().explore()).isSafe().isExhaustive();
    assertThat(
            leavesSmm()
                .with(kvm ->
                    new Publication(kvm) {
                      @Override
                      void finish(KvmMemslots slots) {
                        long generation = slots.generation.get() & Long.MAX_VALUE;
                        slots.generation.writeOnce(generation + 1);
                      }
                    })
                .explore())
        .breaks("I9");
  }

  /// The guest touches a page that has a memslot outside the system management mode only.
  private static SlotScene leavesSmm() {
    return new SlotScene()
        .config(KvmConfig.SMALL.withAddressSpaces(2))
        .with(MmioInfo::new)
        .guest(vcpu -> {
          vcpu.setSmm(true);
          vcpu.access(G0, false, 1);
          vcpu.setSmm(false);
          vcpu.access(G0, false, 1);
        });
  }

  /// What the one vCPU remembers of its last access to a device, in whichever address space:
  /// vcpu_cache_mmio_info().
  private static final class MmioInfo implements HandleMmioPageFault {
    private final Kvm kvm;
    private @Nullable Gfn mmioGfn;
    private long mmioGen;

    MmioInfo(Kvm kvm) {
      this.kvm = kvm;
    }

    @Override
    public boolean handleMmioPageFault(Vcpu vcpu, Gfn gfn) {
      return gfn.equals(mmioGfn) && generation(vcpu) == mmioGen;
    }

    @Override
    public void markMmioSpte(Vcpu vcpu, Gfn gfn) {
      mmioGfn = gfn;
      mmioGen = generation(vcpu);
    }

    private long generation(Vcpu vcpu) {
      return kvm.memslots(vcpu.asId()).generation.readOnce();
    }

    @Override
    public void memslotsUpdated(long generation) {}
  }

  @Test
  void j9SlotsLockInsideAReadSection() {
    DirectPageFault fault =
        (vcpu, _, _) -> {
          vcpu.kvm().slotsLock.lock();
          vcpu.kvm().slotsLock.unlock();
          return RetPf.RETRY;
        };
    assertThat(
            new SlotScene()
                .with(_ -> fault)
                .set(SLOT.deleted())
                .guest(vcpu -> vcpu.access(G0, true, 1))
                .unwatched("I30")
                .explore())
        .breaks("I24");
  }

  @Test
  void j10SlotsArchLockHeldAcrossTheGracePeriod() {
    assertThat(underSlotsArchLock(true)).breaks("I24");
    assertThat(underSlotsArchLock(false)).isSafe().isExhaustive();
  }

  private static Exploration underSlotsArchLock(boolean held) {
    DirectPageFault fault =
        (vcpu, _, _) -> {
          vcpu.kvm().slotsArchLock.lock();
          vcpu.kvm().slotsArchLock.unlock();
          return RetPf.EFAULT;
        };
    return new SlotScene()
        .with(_ -> fault)
        .with(kvm ->
            new Publication(kvm) {
              @Override
              public boolean underSlotsArchLock() {
                return true;
              }

              @Override
              void synchronize() {
                if (!held) {
                  kvm.slotsArchLock.unlock();
                }
                super.synchronize();
                if (held) {
                  kvm.slotsArchLock.unlock();
                }
              }
            })
        .set(SLOT.deleted())
        .guest(vcpu -> vcpu.access(G0, true, 1))
        .explore();
  }

  @Test
  void j11MemslotsAreCopiedWithoutTheNewReverseMaps() {
    SlotScene scene =
        new SlotScene()
            .with(UnderSlotsArchLock::new)
            .with(_ -> (DirectPageFault) GroupJTest::shadows);
    assertThat(
            scene
                .set(SLOT.movedTo(G1))
                .guest(vcpu -> {
                  vcpu.access(G0, false, 1);
                  vcpu.access(G0, true, 1);
                })
                .explore())
        .isSafe()
        .isExhaustive();
    scene.updateLocked(kvm -> {
      kvm.slotsArchLock.lock();
      KvmMemslots before = kvm.activeMemslots(0);
      kvm.installNewMemslots(0, before.with(slot(kvm).invalidated()));
      kvm.flushShadowMemslot(SLOT);
      kvm.slotsArchLock.lock();
      kvm.installNewMemslots(0, before.with(SLOT.movedTo(G1)));
    });
    assertThat(scene.explore()).breaks("null");
  }

  /// A fault on a shadow page table; one of a read, the first, makes the reverse maps.
  private static RetPf shadows(Vcpu vcpu, Gfn gfn, boolean write) {
    if (!write) {
      vcpu.kvm().allocAllMemslotsRmaps();
    }
    vcpu.kvm().rmapAdd(0);
    return RetPf.EFAULT;
  }

  private static final class UnderSlotsArchLock extends Publication {
    UnderSlotsArchLock(Kvm kvm) {
      super(kvm);
    }

    @Override
    public boolean underSlotsArchLock() {
      return true;
    }

    @Override
    void synchronize() {
      kvm.slotsArchLock.unlock();
      super.synchronize();
    }
  }

  /// Safe in this model: translations are found by guest page, not by a slot's reverse map, so the
  /// one slot's walk finds the other's. What forbids it is `-EEXIST`.
  @Test
  void j13TwoSlotsForOnePage() {
    assertThat(
            new SlotScene()
                .updateLocked(kvm ->
                    kvm.installNewMemslots(
                        0, kvm.activeMemslots(0).with(new KvmMemorySlot(1, G0, 1, Hva.page(1)))))
                .guest(vcpu -> vcpu.access(G0, true, 1))
                .unmap()
                .explore())
        .isSafe();
  }

  @Test
  void j15GuestThatRunsOnIsNotKicked() {
    assertThat(
            new SlotScene()
                .touched()
                .updateLocked(kvm -> {
                  invalidate(kvm);
                  kvm.mmuLock.writeLock();
                  kvm.mmu.unmapGfnRange(new KvmGfnRange(slot(kvm), G0, G1));
                  kvm.mmuLock.writeUnlock();
                  remove(kvm);
                })
                .explore())
        .breaks("I7");
  }

  @Test
  void j17MoveAsCreationAndDeletion() {
    assertThat(createdBeforeDeleted().explore()).isSafe().isExhaustive();
    assertThat(createdBeforeDeleted().with(FirstMatch::new).explore()).breaks("I3");
  }

  /// Before the old slot goes, both are over the same host page.
  private static SlotScene createdBeforeDeleted() {
    return new SlotScene()
        .touched()
        .update(kvm -> {
          kvm.setMemoryRegion(new KvmMemorySlot(1, G1, 1, SLOT.userspaceAddr()));
          kvm.setMemoryRegion(SLOT.deleted());
        })
        .unmap();
  }

  /// The walk that looks no further than the newest slot that is hit.
  private record FirstMatch(Kvm kvm) implements HandleHvaRange {
    @Override
    public boolean handleHvaRange(Hva start, Hva end, HvaHandler handler) {
      for (KvmMemorySlot slot : kvm.memslots(0).slots().reversed()) {
        KvmGfnRange covered = KvmGfnRange.covered(slot, start, end);
        if (covered != null) {
          return handler.handle(covered);
        }
      }
      return false;
    }
  }
}
