// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.TreeSet;
import kvmlab.explore.Explorer;
import kvmlab.explore.MemoryModel;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SrcuStructTest {

  /// A reader that comes while a grace period waits for another one is no concern of it: the
  /// updater may go on before or after that reader leaves.
  @ParameterizedTest
  @EnumSource(MemoryModel.class)
  void gracePeriodIsNotOrderedAfterReadersThatItDoesNotAwait(MemoryModel model) {
    Set<Long> seen = new TreeSet<>();
    long[] read = new long[1];
    new Explorer(
            setup -> {
              SrcuStruct srcu = SrcuStruct.define("srcu");
              LongCell x = new LongCell("x", 0);
              LongCell left = new LongCell("left", 0);
              LongCell began = new LongCell("began", 0);
              setup.task(
                  "reader",
                  () -> {
                    int index = srcu.readLock();
                    began.smpStoreRelease(1);
                    left.smpCondLoadAcquire(value -> value == 1);
                    srcu.readUnlock(index);
                  });
              setup.task(
                  "updater",
                  () -> {
                    began.smpCondLoadAcquire(value -> value == 1);
                    srcu.synchronize();
                    x.writeOnce(1);
                  });
              setup.task(
                  "late reader",
                  () -> {
                    began.smpCondLoadAcquire(value -> value == 1);
                    int index = srcu.readLock();
                    left.smpStoreRelease(1);
                    read[0] = x.readOnce();
                    srcu.readUnlock(index);
                  });
            })
        .model(model)
        .goOn()
        .onComplete((execution, violation) -> seen.add(violation == null ? read[0] : -1))
        .explore();
    assertThat(seen).containsExactly(0L, 1L);
  }
}
