// SPDX-License-Identifier: MIT
package kvmlab.lab.catalogue;

import static kvmlab.lab.LabAssertions.assertThat;
import static kvmlab.lab.catalogue.MmuScene.G0;

import java.util.function.BiFunction;
import kvmlab.explore.MemoryModel;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmMemorySlot;
import kvmlab.kvm.KvmRequest;
import kvmlab.kvm.Vcpu;
import kvmlab.kvm.VcpuMode;
import kvmlab.kvm.cache.ApicAccessPage;
import kvmlab.kvm.cache.ApicAccessPageRetry;
import kvmlab.kvm.cache.GfnToPfnCache;
import kvmlab.kvm.design.Design;
import kvmlab.lab.Exploration;
import kvmlab.lab.Lab;
import kvmlab.lab.Scenario;
import kvmlab.lab.World;
import kvmlab.mm.Hva;
import org.junit.jupiter.api.Test;

/// Group L: caches beside the secondary page table, and a host that tells nobody.
class GroupLTest {
  private static final KvmMemorySlot SLOT = new KvmMemorySlot(0, G0, 1, Hva.page(0));

  // ---- L1, L2: gfn_to_pfn_cache

  /// A refresh and a use of the cache, while the host takes the page away.
  private static Exploration cached(
      MemoryModel model, BiFunction<Kvm, Gfn, GfnToPfnCache> cache, boolean known) {
    return Lab.explore(
        new Scenario() {
          @Override
          public void build(World world) {
            Kvm kvm = world.vm(Design.ACTIVE_COUNT.ops());
            world.mm().populate(Hva.page(0), Hva.page(1));
            kvm.setMemoryRegion(SLOT);
            GfnToPfnCache gpc = cache.apply(kvm, G0);
            kvm.addCache(gpc);
            if (known) {
              gpc.refresh();
            }
            world.task("madvise", () -> world.mm().madviseDontneed(Hva.page(0), Hva.page(1)));
            world.task(
                "KVM",
                () -> {
                  if (!known) {
                    gpc.refresh();
                  }
                  gpc.access();
                });
            if (known) {
              world.task("refresh", gpc::refresh);
            }
          }

          @Override
          public MemoryModel model() {
            return model;
          }

          @Override
          public String id() {
            return "lab:Cached";
          }
        });
  }

  @Test
  void cacheOfTheReferenceIsSafe() {
    assertThat(cached(MemoryModel.SC, GfnToPfnCache::new, false)).isSafe().isExhaustive();
    assertThat(cached(MemoryModel.LKMM, GfnToPfnCache::new, false)).isSafe().isExhaustive();
  }

  private static final class KeyedOnCount extends GfnToPfnCache {
    private final Kvm kvm;

    KeyedOnCount(Kvm kvm, Gfn gfn) {
      super(kvm, gfn);
      this.kvm = kvm;
    }

    @Override
    protected boolean mmuNotifierRetryCache(long mmuSeq) {
      return kvm.mmuNotifierCount.readOnce() != 0 || kvm.mmuNotifierSeq.readOnce() != mmuSeq;
    }
  }

  @Test
  void l1CacheIsKeyedOnTheCount() {
    assertThat(cached(MemoryModel.SC, KeyedOnCount::new, false)).breaks("I2");
  }

  private static final class ValidDuringTheLookUp extends GfnToPfnCache {
    ValidDuringTheLookUp(Kvm kvm, Gfn gfn) {
      super(kvm, gfn);
    }

    @Override
    protected void lookUp() {
      trust(true);
    }
  }

  @Test
  void l2CacheIsValidBeforeTheLookUpIsDone() {
    assertThat(cached(MemoryModel.SC, GfnToPfnCache::new, true)).isSafe().isExhaustive();
    assertThat(cached(MemoryModel.SC, ValidDuringTheLookUp::new, true)).breaks("I2");
  }

  // ---- L6: the APIC-access page

  private static MmuScene apic(BiFunction<Kvm, Gfn, ApicAccessPage> page) {
    return new MmuScene()
        .slots(SLOT)
        .with(kvm -> page.apply(kvm, G0))
        .before(vcpu -> vcpu.kvm().makeRequest(KvmRequest.APIC_PAGE_RELOAD, vcpu))
        .unmap(0, 1)
        .guest(Vcpu::accessApicPage);
  }

  @Test
  void apicAccessPageOfTheReferenceIsSafe() {
    assertThat(apic(ApicAccessPage::new).explore()).isSafe().isExhaustive();
    assertThat(apic(ApicAccessPage::new).with(VcpuMode::new).explore()).isSafe().isExhaustive();
    // A vCPU that goes round until the invalidation has ended is followed for some rounds only.
    assertThat(apic(ApicAccessPageRetry::new).explore()).isSafe();
  }

  private static final class ReloadsInStartWithoutTest extends ApicAccessPageRetry {
    ReloadsInStartWithoutTest(Kvm kvm, Gfn gfn) {
      super(kvm, gfn);
    }

    @Override
    protected boolean mustRetry(long mmuSeq, Hva hva) {
      return false;
    }
  }

  @Test
  void l6ApicAccessPageIsReloadedWithoutATest() {
    assertThat(apic(ReloadsInStartWithoutTest::new).explore()).breaks("I2");
  }

  // ---- L7: the host

  @Test
  void l7HostEditsItsTableAndTellsNobody() {
    assertThat(
            new MmuScene()
                .touched(G0)
                .host("khugepaged", world -> world.mm().unmapPageRange(Hva.page(0), Hva.page(1)))
                .explore())
        .breaks("I1");
  }
}
