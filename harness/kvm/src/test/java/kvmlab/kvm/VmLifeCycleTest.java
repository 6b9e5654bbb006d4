// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import static kvmlab.kernel.Errno.ENOMEM;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import kvmlab.explore.Explorer;
import kvmlab.mm.Hva;
import kvmlab.mm.MmStruct;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// A VM comes up and goes down in every configuration, whichever step fails; steps that are taken
/// wrongly are reported.
class VmLifeCycleTest {

  static Stream<KvmConfig> configurations() {
    KvmConfig config = KvmConfig.SMALL.withAddressSpaces(2);
    return Stream.of(
        config,
        config.withNotifiers(true, false),
        config.withNotifiers(false, true),
        config.withNotifiers(false, false));
  }

  @ParameterizedTest
  @MethodSource("configurations")
  void vmComesUpWholeAndGoesDownWhole(KvmConfig config) {
    inKernel(mm -> {
      Kvm kvm = Kvm.createVm(mm, config, KvmOps.reference());
      assertThat(kvm.missing()).isEmpty();
      assertThat(kvm.isLive()).isTrue();
      kvm.putKvm();
      assertThat(kvm.left()).isEmpty();
      assertThat(kvm.isLive()).isFalse();
      mm.madviseDontneed(Hva.page(0), Hva.page(1));
    });
  }

  @ParameterizedTest
  @MethodSource("configurations")
  void failedStepUndoesThoseBefore(KvmConfig config) {
    for (VmStep step : VmStep.values()) {
      if (step == VmStep.VM_LIST || step == VmStep.MMU_NOTIFIER && !config.notifiers()) {
        continue;
      }
      inKernel(mm -> {
        Kvm kvm = Kvm.alloc(mm, config.withFailure(step, -ENOMEM), KvmOps.reference());
        assertThat(kvm.create()).isEqualTo(-ENOMEM);
        assertThat(kvm.left()).isEmpty();
        mm.madviseDontneed(Hva.page(0), Hva.page(1));
      });
    }
  }

  @ParameterizedTest
  @MethodSource("configurations")
  void memslotsAreUpdatedAndFaultsHandledInEveryConfiguration(KvmConfig config) {
    inKernel(mm -> {
      Kvm kvm = Kvm.createVm(mm, config, KvmOps.reference());
      KvmMemorySlot slot = new KvmMemorySlot(0, new Gfn(0), 1, Hva.page(0));
      assertThat(kvm.setMemoryRegion(slot)).isZero();
      Vcpu vcpu = kvm.createVcpu();
      assertThat(vcpu.write(new Gfn(0))).isEqualTo(KvmExit.DONE);
      assertThat(kvm.setMemoryRegion(slot.deleted())).isZero();
      assertThat(vcpu.write(new Gfn(0))).isEqualTo(KvmExit.MMIO);
    });
  }

  @Test
  void lastReferenceDestroys() {
    inKernel(mm -> {
      Kvm kvm = Kvm.createVm(mm, KvmConfig.SMALL, KvmOps.reference());
      Vcpu vcpu = kvm.createVcpu();
      kvm.putKvm();
      assertThat(kvm.isLive()).isTrue();
      assertThat(vcpu.read(new Gfn(0))).isEqualTo(KvmExit.MMIO);
      vcpu.release();
      assertThat(kvm.left()).isEmpty();
    });
  }

  @Test
  void vmThatIsGoneIsNotUsed() {
    reported(
        "accesses it (KVM_SET_USER_MEMORY_REGION)",
        mm -> {
          Kvm kvm = Kvm.createVm(mm, KvmConfig.SMALL, KvmOps.reference());
          kvm.putKvm();
          kvm.setMemoryRegion(new KvmMemorySlot(0, new Gfn(0), 1, Hva.page(0)));
        });
  }

  @Test
  void destroyedVmHasNoTranslations() {
    configurations()
        .forEach(config ->
            inKernel(mm -> {
              Kvm kvm = Kvm.createVm(mm, config, KvmOps.reference());
              kvm.setMemoryRegion(new KvmMemorySlot(0, new Gfn(0), 1, Hva.page(0)));
              Vcpu vcpu = kvm.createVcpu();
              vcpu.read(new Gfn(0));
              kvm.putKvm();
              vcpu.release();
              kvm.mmu.forEachLatest((gfn, spte) -> assertThat(gfn + " " + spte).isNull());
              vcpu.forEachLatest((gfn, spte) -> assertThat(gfn + " " + spte).isNull());
            }));
  }

  @Test
  void releaseLeavesNoTranslationAndTheVmIsDestroyedLater() {
    inKernel(mm -> {
      Kvm kvm = Kvm.createVm(mm, KvmConfig.SMALL, KvmOps.reference());
      kvm.setMemoryRegion(new KvmMemorySlot(0, new Gfn(0), 1, Hva.page(0)));
      Vcpu vcpu = kvm.createVcpu();
      vcpu.read(new Gfn(0));
      mm.exitMmap();
      kvm.mmu.forEachLatest((gfn, spte) -> assertThat(gfn + " " + spte).isNull());
      assertThat(vcpu.read(new Gfn(0))).isEqualTo(KvmExit.EFAULT);
      vcpu.release();
      kvm.putKvm();
      assertThat(kvm.left()).isEmpty();
    });
  }

  @Test
  void anotherProcessIsRefused() {
    inKernel(mm -> {
      Kvm kvm = Kvm.createVm(mm, KvmConfig.SMALL, KvmOps.reference());
      Vcpu vcpu = kvm.createVcpu();
      new MmStruct(1).useMm();
      assertThat(vcpu.read(new Gfn(0))).isEqualTo(KvmExit.EIO);
      assertThat(kvm.setMemoryRegion(new KvmMemorySlot(0, new Gfn(0), 1, Hva.page(0))))
          .isNegative();
      mm.useMm();
      assertThat(vcpu.read(new Gfn(0))).isEqualTo(KvmExit.MMIO);
    });
  }

  @ParameterizedTest
  @MethodSource("configurations")
  void onlyVmWithNotifiersFollowsTheHost(KvmConfig config) {
    inKernel(mm ->
        assertThat(
                Kvm.createVm(mm, config, KvmOps.reference()).checkExtension(KvmCap.SYNC_MMU) == 1)
            .isEqualTo(config.mmuNotifier() && config.archWantsMmuNotifier()));
  }

  private enum Mistake {
    ARCH_TWICE(
        "kvm_arch_init_vm() is taken twice",
        List.of(k -> k.steps.archInitVm(), k -> k.steps.archInitVm())),
    MEMSLOTS_TWICE("are allocated twice", List.of(kvm -> kvm.steps.allocMemslots(0))),
    REGISTERED_TWICE(
        "mmu_notifier_register() is taken twice",
        List.of(
            k -> k.steps.archInitVm(),
            k -> k.steps.mmuNotifierRegister(),
            k -> k.steps.mmuNotifierRegister())),
    POST_BEFORE_ARCH(
        "kvm_arch_post_init_vm() comes before kvm_arch_init_vm()",
        List.of(k -> k.steps.archPostInitVm())),
    LISTED_TOO_EARLY(
        "list_add(vm_list) comes before mmu_notifier_register()",
        List.of(k -> k.steps.archInitVm(), k -> k.steps.vmListAdd())),
    CALLED_TOO_EARLY(
        "invalidate_range_start() runs before kvm_arch_init_vm()",
        List.of(
            k -> k.steps.mmuNotifierRegister(),
            kvm -> kvm.mm.madviseDontneed(Hva.page(0), Hva.page(1)))),
    NEVER_REGISTERED("which has not been done", List.of(k -> k.steps.mmuNotifierUnregister())),
    UNREGISTERED_TWICE(
        "which has not been done",
        List.of(
            k -> k.steps.archInitVm(),
            k -> k.steps.mmuNotifierRegister(),
            k -> k.steps.mmuNotifierUnregister(),
            k -> k.steps.mmuNotifierUnregister())),
    ARCH_GONE_FIRST(
        "nobody accesses struct kvm_arch once it is free",
        List.of(
            k -> k.steps.archInitVm(),
            k -> k.steps.mmuNotifierRegister(),
            k -> k.steps.archDestroyVm(),
            k -> k.steps.mmuNotifierUnregister())),
    MEMSLOTS_GONE_FIRST(
        "nobody accesses a memslots array once it is free",
        List.of(
            k -> k.steps.archInitVm(),
            kvm -> kvm.steps.freeMemslots(0),
            k -> k.steps.archDestroyVm())),
    FREED_TWICE(
        "struct kvm is freed once", List.of(k -> k.steps.archFreeVm(), k -> k.steps.archFreeVm())),
    FREED_TOO_EARLY(
        "nobody accesses struct kvm once it is free",
        List.of(k -> k.steps.archFreeVm(), k -> k.steps.archInitVm())),
    STILL_LISTED(
        "kvm_arch_pre_destroy_vm() comes before list_del(vm_list)",
        List.of(
            k -> k.steps.archInitVm(),
            k -> k.steps.mmuNotifierRegister(),
            k -> k.steps.archPostInitVm(),
            k -> k.steps.vmListAdd(),
            k -> k.steps.archPreDestroyVm()));

    private final String report;
    private final List<Consumer<Kvm>> steps;

    Mistake(String report, List<Consumer<Kvm>> steps) {
      this.report = report;
      this.steps = steps;
    }
  }

  @ParameterizedTest
  @EnumSource
  void stepThatIsTakenWronglyIsReported(Mistake mistake) {
    reported(
        mistake.report,
        mm -> {
          Kvm kvm = common(Kvm.alloc(mm, KvmConfig.SMALL, KvmOps.reference()));
          mistake.steps.forEach(step -> step.accept(kvm));
        });
  }

  @Test
  void archPartNeedsTheCommonOne() {
    reported(
        "kvm_arch_init_vm() comes before init_srcu_struct(kvm->irq_srcu)",
        mm -> {
          Kvm kvm = Kvm.alloc(mm, KvmConfig.SMALL, KvmOps.reference());
          kvm.srcu.init();
          kvm.steps.allocMemslots(0);
          kvm.steps.archInitVm();
        });
  }

  @Test
  void memslotsThatAreNotThereAreReported() {
    reported(
        "reads kvm->memslots[0], which is NULL",
        mm -> {
          Kvm kvm = Kvm.alloc(mm, KvmConfig.SMALL, KvmOps.reference());
          kvm.srcu.init();
          kvm.srcu.readLock();
          kvm.memslots(0);
        });
  }

  @Test
  void freeingMemslotsThatAreNotThereIsFine() {
    inKernel(mm -> Kvm.alloc(mm, KvmConfig.SMALL, KvmOps.reference()).steps.freeMemslots(0));
  }

  @Test
  void notifierIsCompiledInWithBothOptionsOnly() {
    configurations()
        .skip(1)
        .forEach(config ->
            reported(
                "does not compile",
                mm ->
                    common(Kvm.alloc(mm, config.withAddressSpaces(1), KvmOps.reference()))
                        .steps
                        .mmuNotifierRegister()));
  }

  @Test
  void architecturesMemslotsGoWithTheVm() {
    inKernel(mm -> {
      Kvm kvm = Kvm.createVm(mm, KvmConfig.SMALL, KvmOps.reference());
      int id = KvmMemorySlot.KVM_USER_MEM_SLOTS;
      kvm.setMemoryRegion(new KvmMemorySlot(id, new Gfn(3), 1, Hva.page(3)));
      kvm.putKvm();
      assertThat(kvm.latestMemslots(0).latestSlots()).isEmpty();
    });
  }

  private static Kvm common(Kvm kvm) {
    kvm.mmuLock.init();
    kvm.slotsLock.init();
    kvm.slotsArchLock.init();
    kvm.steps.initPieces();
    kvm.srcu.init();
    kvm.irqSrcu.init();
    kvm.usersCount.set(1);
    kvm.steps.allocMemslots(0);
    return kvm;
  }

  private static void reported(String report, Consumer<MmStruct> code) {
    assertThatThrownBy(() -> inKernel(code)).hasMessageContaining(report);
  }

  private static void inKernel(Consumer<MmStruct> code) {
    Explorer.alone(() -> {
      MmStruct mm = new MmStruct(4);
      mm.mmap(Hva.page(0), Hva.page(4));
      mm.populate(Hva.page(0), Hva.page(1));
      code.accept(mm);
      return mm;
    });
  }
}
