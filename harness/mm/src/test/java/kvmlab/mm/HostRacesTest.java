// SPDX-License-Identifier: MIT
package kvmlab.mm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.BiConsumer;
import java.util.function.Consumer;
import kvmlab.explore.Counterexample;
import kvmlab.explore.Explored;
import kvmlab.explore.Explorer;
import kvmlab.explore.MemoryModel;
import kvmlab.machine.Program;
import kvmlab.machine.Setup;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;

/// Every operation of the host keeps the contract, whatever a subscriber or another operation does
/// meanwhile: see [Shadow].
class HostRacesTest {
  private static final Hva H0 = Hva.page(0);
  private static final Hva H1 = Hva.page(1);
  private static final Hva H4 = Hva.page(4);

  /// The host's pages: h0 and h1 hold the same, h4 to h5 map a file.
  private record Host(MmStruct mm, Shadow shadow, AddressSpace file) {}

  private enum Operation {
    DONTNEED(host -> host.mm.madviseDontneed(H0, H1)),
    MUNMAP(host -> host.mm.munmap(H0, H1)),
    MPROTECT(host -> host.mm.mprotect(H0, H1, Prot.READ)),
    MREMAP(host -> host.mm.mremap(H0, H1, Hva.page(6))),
    FORK(host -> host.mm.fork()),
    MERGE(host -> Ksm.merge(host.mm, H1, H0)),
    RECLAIM(host -> {
      Vmscan.shrinkPage(host.mm, H0);
      Vmscan.shrinkPage(host.mm, H0);
    }),
    MIGRATE(host -> Migrate.unmapAndMove(host.mm, H0)),
    REAP(host -> OomReaper.oomReapTaskMm(host.mm)),
    ;

    private final Consumer<Host> run;

    Operation(Consumer<Host> run) {
      this.run = run;
    }
  }

  @ParameterizedTest
  @EnumSource(Operation.class)
  void subscriberThatTranslatesMeanwhileIsNeverStale(Operation operation) {
    silent((setup, host) -> {
      setup.task("CPU 0", () -> operation.run.accept(host));
      setup.task("vcpu 0", () -> host.shadow.touch(H0, true));
    });
  }

  @ParameterizedTest
  @EnumSource(Operation.class)
  void operationsMayRaceEachOther(Operation operation) {
    for (Operation other : Operation.values()) {
      if (other.compareTo(operation) <= 0) {
        silent((setup, host) -> {
          setup.task("CPU 0", () -> operation.run.accept(host));
          setup.task("CPU 1", () -> other.run.accept(host));
        });
      }
    }
  }

  @ParameterizedTest
  @EnumSource(
      mode = Mode.EXCLUDE,
      names = {"MERGE", "RECLAIM", "MIGRATE"})
  void sectionsMayOverlapWhileASubscriberTranslates(Operation operation) {
    silent((setup, host) -> {
      setup.task("CPU 0", () -> operation.run.accept(host));
      setup.task("CPU 1", () -> host.mm.madviseDontneed(H0, H1));
      setup.task("vcpu 0", () -> host.shadow.touch(H0, true));
    });
  }

  @ParameterizedTest
  @EnumSource(Operation.class)
  void operationsMayRaceAWriteFaultOfTheHost(Operation operation) {
    silent((setup, host) -> {
      host.mm.fork();
      setup.task("CPU 0", () -> operation.run.accept(host));
      setup.task("CPU 1", () -> host.mm.getUserPagesFast(H0, true));
    });
  }

  @Test
  void truncationMayRaceAFaultAndMadvise() {
    silent((setup, host) -> {
      setup.task("CPU 0", () -> host.file.truncate(0));
      setup.task("CPU 1", () -> host.mm.madviseDontneed(H4, Hva.page(5)));
      setup.task("vcpu 0", () -> host.mm.getUserPagesFast(H4, true));
    });
  }

  @Test
  void subscriberOfAFileIsNeverStale() {
    silent((setup, host) -> {
      setup.task("CPU 0", () -> host.file.punchHole(0, 1));
      setup.task("vcpu 0", () -> host.shadow.touch(H4, true));
    });
  }

  @Test
  void nothingIsLeftOfATruncatedFile() {
    silent((setup, host) -> {
      setup.task("CPU 0", () -> host.file.truncate(0));
      setup.task("vcpu 0", () -> host.shadow.touch(H4, true));
      setup.atEnd(() -> {
        assertThat(host.mm.latestPte(H4)).isNull();
        assertThat(host.shadow.latest(H4)).isNull();
      });
    });
  }

  @Test
  void faultThatPassedTheSizeBeforeItChangedIsFoundByTheTruncation() {
    silent((setup, host) -> {
      host.mm.madviseDontneed(H4, Hva.page(5));
      setup.task("CPU 0", () -> host.file.truncate(0));
      setup.task("vcpu 0", () -> host.shadow.touch(H4, true));
      setup.atEnd(() -> assertThat(host.mm.latestPte(H4)).isNull());
    });
  }

  private enum HugeOperation {
    DONTNEED_PART(mm -> mm.madviseDontneed(H0, H1)),
    DONTNEED_ALL(mm -> mm.madviseDontneed(H0, H4)),
    MPROTECT_ALL(mm -> mm.mprotect(H0, H4, Prot.READ)),
    COLLAPSE(mm -> Khugepaged.collapse(mm, H0)),
    FORK(MmStruct::fork),
    RECLAIM(mm -> {
      PageIdle.clearYoung(mm, H0);
      Vmscan.shrinkPage(mm, H0);
    }),
    ;

    private final Consumer<MmStruct> run;

    HugeOperation(Consumer<MmStruct> run) {
      this.run = run;
    }
  }

  @ParameterizedTest
  @EnumSource(HugeOperation.class)
  void subscriberOfAHugePageIsNeverStale(HugeOperation operation) {
    explore(setup -> {
      MmStruct mm = hugePage();
      Shadow shadow = new Shadow(mm, 4);
      if (operation == HugeOperation.COLLAPSE) {
        mm.madviseDontneed(H1, Hva.page(2));
      }
      shadow.touch(H0, true);
      setup.task("CPU 0", () -> operation.run.accept(mm));
      setup.task("vcpu 0", () -> shadow.touch(H0, true));
      setup.atEnd(() -> assertThat(shadow.latestCount()).isZero());
    });
  }

  @ParameterizedTest
  @EnumSource(HugeOperation.class)
  void collapseMayRaceTheOthers(HugeOperation operation) {
    explore(setup -> {
      MmStruct mm = hugePage();
      Shadow shadow = new Shadow(mm, 4);
      mm.madviseDontneed(H1, Hva.page(2));
      shadow.touch(H0, true);
      setup.task("CPU 0", () -> operation.run.accept(mm));
      setup.task("CPU 1", () -> Khugepaged.collapse(mm, H0));
      setup.atEnd(() -> assertThat(shadow.latestCount()).isZero());
    });
  }

  @Test
  void walkFindsEveryPageOfAHugePageWhileItIsSplit() {
    explore(setup -> {
      MmStruct mm = hugePage();
      setup.task("CPU 0", () -> mm.madviseDontneed(H0, H1));
      setup.task(
          "CPU 1",
          () -> assertThat(mm.pageTable().walk(Hva.page(3))).isEqualTo(new Pte(new Pfn(3), true)));
    });
  }

  private static MmStruct hugePage() {
    MmStruct mm = new MmStruct(4);
    mm.mmap(H0, H4);
    mm.madviseHugepage(H0, H4);
    mm.populate(H0, H1);
    return mm;
  }

  @Test
  void twoWhoSplitAHugePageMeet() {
    explore(setup -> {
      MmStruct mm = hugePage();
      Shadow shadow = new Shadow(mm, 4);
      shadow.touch(H0, true);
      setup.task("CPU 0", () -> mm.madviseDontneed(H0, H1));
      setup.task("CPU 1", () -> mm.madviseDontneed(H1, Hva.page(2)));
      setup.atEnd(() -> {
        assertThat(mm.latestPte(H0)).isNull();
        assertThat(mm.latestPte(H1)).isNull();
        assertThat(mm.latestPte(Hva.page(2))).isNotNull();
      });
    });
  }

  private static void silent(BiConsumer<Setup, Host> tasks) {
    explore(setup -> {
      MmStruct mm = new MmStruct(8);
      AddressSpace file = new AddressSpace(1);
      mm.mmap(H0, Hva.page(2));
      mm.mmap(H4, Hva.page(5), file, 0);
      Shadow shadow = new Shadow(mm, 8);
      mm.populate(H0, Hva.page(2));
      mm.populate(H4, Hva.page(5));
      shadow.touch(H0, true);
      shadow.touch(H4, true);
      tasks.accept(setup, new Host(mm, shadow, file));
      setup.atEnd(() -> assertThat(shadow.latestCount()).isZero());
    });
  }

  private static void explore(Program program) {
    Explorer explorer = new Explorer(program).model(MemoryModel.LKMM).executionsMax(20_000);
    Explored explored = explorer.explore();
    Counterexample found = explored.counterexample();
    assertThat(found == null ? null : found.violation()).isNull();
    assertThat(explored.exhausted()).isTrue();
  }
}
