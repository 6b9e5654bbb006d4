// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.ToLongFunction;
import kvmlab.explore.Explorer;
import kvmlab.explore.MemoryModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Each access of a cell orders what its name says, no more: message passing through every pair.
class LongCellTest {

  @ParameterizedTest
  @CsvSource({
    "release, acquire, true",
    "release, once, false",
    "once, acquire, false",
    "cmpxchgRelease, cmpxchgAcquire, true",
    "cmpxchgRelease, cmpxchgRelaxed, false",
    "cmpxchgRelaxed, cmpxchgAcquire, false",
    "fetchAddRelease, fetchAddAcquire, true",
    "fetchAddRelease, fetchAddRelaxed, false",
    "fetchAddRelaxed, fetchAddAcquire, false",
    "cmpxchg, cmpxchg, true",
    "fetchAdd, fetchAdd, true",
    "xchg, xchg, true",
    "release, condAcquire, true",
    "release, condRelaxed, false",
  })
  void ordersWhatItsNameSays(String signal, String receive, boolean ordered) {
    assertThat(dataIsSeen(signal, receive)).isEqualTo(ordered);
  }

  @Test
  void cmpxchgStoresOnlyWhatItExpected() {
    assertThat(
            Explorer.alone(() -> {
              LongCell cell = new LongCell("x", 5);
              long failed = cell.cmpxchg(4, 7);
              long before = cell.latest();
              long stored = cell.cmpxchg(5, 7);
              return failed + " " + before + " " + stored + " " + cell.latest();
            }))
        .isEqualTo("5 5 5 7");
  }

  /// Whether a reader that sees the flag always sees the data written before it.
  private static boolean dataIsSeen(String signal, String receive) {
    return new Explorer(
                setup -> {
                  LongCell data = new LongCell("data", 0);
                  LongCell flag = new LongCell("flag", 0);
                  setup.task(
                      "writer",
                      () -> {
                        data.writeOnce(1);
                        access(signal, 0).applyAsLong(flag);
                      });
                  setup.task(
                      "reader",
                      () -> {
                        if (access(receive, 1).applyAsLong(flag) == 1 && data.readOnce() != 1) {
                          throw new AssertionError("flag without data");
                        }
                      });
                })
            .model(MemoryModel.LKMM)
            .explore()
            .counterexample()
        == null;
  }

  /// An access that raises a flag from `expected`, or reads it.
  private static ToLongFunction<LongCell> access(String name, long expected) {
    return switch (name) {
      case "once" -> expected == 0 ? LongCellTest::raise : LongCell::readOnce;
      case "release" ->
          cell -> {
            cell.smpStoreRelease(1);
            return 0;
          };
      case "acquire" -> LongCell::smpLoadAcquire;
      case "condAcquire" -> cell -> cell.smpCondLoadAcquire(value -> value == 1);
      case "condRelaxed" -> cell -> cell.smpCondLoadRelaxed(value -> value == 1);
      case "cmpxchg" -> cell -> cell.cmpxchg(expected, expected + 1);
      case "cmpxchgAcquire" -> cell -> cell.cmpxchgAcquire(expected, expected + 1);
      case "cmpxchgRelease" -> cell -> cell.cmpxchgRelease(expected, expected + 1);
      case "cmpxchgRelaxed" -> cell -> cell.cmpxchgRelaxed(expected, expected + 1);
      case "fetchAdd" -> cell -> cell.fetchAdd(1);
      case "fetchAddAcquire" -> cell -> cell.fetchAddAcquire(1);
      case "fetchAddRelease" -> cell -> cell.fetchAddRelease(1);
      case "fetchAddRelaxed" -> cell -> cell.fetchAddRelaxed(1);
      case "xchg" -> cell -> cell.xchg(1);
      default -> throw new IllegalArgumentException(name);
    };
  }

  private static long raise(LongCell cell) {
    cell.writeOnce(1);
    return 0;
  }
}
