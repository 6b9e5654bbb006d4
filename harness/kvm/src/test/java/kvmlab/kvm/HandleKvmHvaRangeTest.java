// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import kvmlab.explore.Explorer;
import kvmlab.mm.Hva;
import kvmlab.mm.MmStruct;
import org.junit.jupiter.api.Test;

/// What the two walks call, in which order, and whether `mmu_lock` is held then. Host pages 1 and 2
/// are guest memory in both address spaces, twice in the first.
class HandleKvmHvaRangeTest {
  private static final Hva UNRELATED = Hva.page(4);

  @Test
  void lockOnHitCallsNothingWhereNoMemslotIsHit() {
    assertThat(calls(LockOnHit::new, UNRELATED, true, false)).containsExactly("false");
  }

  @Test
  void lockOnHitLocksAllTheSameIfItMust() {
    assertThat(calls(LockOnHit::new, UNRELATED, true, true)).containsExactly("on_lock", "false");
  }

  @Test
  void lockOnHitLocksOnceForAllMemslotsOfAllAddressSpaces() {
    List<String> all =
        List.of("on_lock", "as 0: g0..g1 locked", "as 0: g2..g3 locked", "as 1: g0..g1 locked");
    assertThat(calls(LockOnHit::new, Hva.page(1), true, false)).containsExactly(withTrue(all));
    assertThat(calls(LockOnHit::new, Hva.page(1), true, true)).containsExactly(withTrue(all));
  }

  @Test
  void lockOnHitWithoutAHandlerOnlyLocks() {
    assertThat(calls(LockOnHit::new, Hva.page(1), false, false))
        .containsExactly("on_lock", "false");
    assertThat(calls(LockOnHit::new, Hva.page(1), false, true)).containsExactly("on_lock", "false");
    assertThat(calls(LockOnHit::new, UNRELATED, false, false)).containsExactly("false");
  }

  @Test
  void lockAlwaysLocksForEveryRange() {
    assertThat(calls(LockAlways::new, UNRELATED, true, false)).containsExactly("on_lock", "false");
    assertThat(calls(LockAlways::new, Hva.page(1), false, false))
        .containsExactly("on_lock", "false");
    assertThat(calls(LockAlways::new, Hva.page(1), true, false))
        .startsWith("on_lock", "as 0: g0..g1 locked")
        .endsWith("true");
  }

  @Test
  void translationsAreFlushedBeforeTheLockIsReleased() {
    for (Function<Kvm, HandleKvmHvaRange> walk : walks()) {
      for (boolean flushOnRet : new boolean[] {true, false}) {
        List<Boolean> lockedAtFlush = new ArrayList<>();
        Explorer.alone(() -> {
          Kvm kvm = vm(walk, vm -> new RecordsFlushes(vm, lockedAtFlush));
          kvm.createVcpu().read(new Gfn(0));
          kvm.handleHvaRange(
              new KvmHvaRange(
                  Hva.page(1), Hva.page(2), kvm.mmu::unmapGfnRange, null, false, flushOnRet, true));
          return kvm;
        });
        assertThat(lockedAtFlush).isEqualTo(flushOnRet ? List.of(true) : List.of());
      }
    }
  }

  private record RecordsFlushes(Kvm kvm, List<Boolean> locked) implements MakeAllCpusRequest {
    @Override
    public void makeAllCpusRequest(KvmRequest request) {
      locked.add(isLocked(kvm));
    }

    @Override
    public void makeRequest(KvmRequest request, Vcpu vcpu) {
      throw new AssertionError(request + " of " + vcpu);
    }
  }

  private static List<Function<Kvm, HandleKvmHvaRange>> walks() {
    return List.of(LockAlways::new, LockOnHit::new);
  }

  private static String[] withTrue(List<String> calls) {
    List<String> all = new ArrayList<>(calls);
    all.add("true");
    return all.toArray(String[]::new);
  }

  private static List<String> calls(
      Function<Kvm, HandleKvmHvaRange> walk, Hva page, boolean handler, boolean mustLock) {
    List<String> calls = new ArrayList<>();
    Explorer.alone(() -> {
      Kvm kvm = vm(walk);
      boolean ret =
          kvm.handleHvaRange(
              new KvmHvaRange(
                  page,
                  page.plus(1),
                  handler ? covered -> calls.add(spelling(kvm, covered)) : null,
                  (_, _) -> {
                    assertThat(isLocked(kvm)).isTrue();
                    calls.add("on_lock");
                  },
                  mustLock,
                  true,
                  true));
      assertThat(isLocked(kvm)).isFalse();
      calls.add(String.valueOf(ret));
      return kvm;
    });
    return calls;
  }

  private static String spelling(Kvm kvm, KvmGfnRange covered) {
    String locked = isLocked(kvm) ? " locked" : "";
    return "as " + covered.slot().asId() + ": " + covered + locked;
  }

  private static boolean isLocked(Kvm kvm) {
    boolean free = kvm.mmuLock.writeTrylock();
    if (free) {
      kvm.mmuLock.writeUnlock();
    }
    return !free;
  }

  private static Kvm vm(Function<Kvm, HandleKvmHvaRange> walk) {
    return vm(walk, walk);
  }

  private static Kvm vm(
      Function<Kvm, HandleKvmHvaRange> walk, Function<Kvm, ? extends ProtocolPiece> other) {
    MmStruct mm = new MmStruct(8);
    mm.mmap(Hva.page(0), Hva.page(8));
    KvmOps ops = KvmOps.reference().with(other).with(walk);
    Kvm kvm = Kvm.createVm(mm, KvmConfig.SMALL.withAddressSpaces(2), ops);
    kvm.setMemoryRegion(new KvmMemorySlot(0, new Gfn(0), 2, Hva.page(1)));
    kvm.setMemoryRegion(new KvmMemorySlot(1, new Gfn(2), 2, Hva.page(1)));
    kvm.setMemoryRegion(new KvmMemorySlot(0, 1, new Gfn(0), 2, Hva.page(1)));
    return kvm;
  }
}
