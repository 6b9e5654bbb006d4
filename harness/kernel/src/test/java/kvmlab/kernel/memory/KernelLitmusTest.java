// SPDX-License-Identifier: MIT
package kvmlab.kernel.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The litmus tests that come with the kernel's memory model, and the verdict that the kernel
/// documents for each: whether the outcome in question happens never or sometimes.
///
/// The transcription of the model agrees on all of them, and the machine on all but one: it never
/// exchanges a read with a later write.
///
/// Left out, because they need what a {@link LitmusProgram} cannot say: those about control and
/// address dependencies, `spin_is_locked()`, `smp_mb__after_spinlock()` and plain accesses.
///
/// @source tools/memory-model/litmus-tests
class KernelLitmusTest {
  private static final String LOAD_BUFFERING = "LB+poonceonces";

  /// A test of the kernel.
  ///
  /// @param outcome the outcome in question, as a pattern
  record Documented(String name, String outcome, boolean sometimes, LitmusProgram program) {
    @Override
    public String toString() {
      return name;
    }
  }

  @ParameterizedTest
  @MethodSource("tests")
  void verdictIsTheDocumentedOne(Documented test) {
    CatOracle.Outcomes outcomes = CatOracle.outcomes(test.program());
    assertThat(outcomes.kernel().stream().anyMatch(outcome -> outcome.matches(test.outcome())))
        .as("the cat model has %s among %s", test.outcome(), outcomes.kernel())
        .isEqualTo(test.sometimes());
    boolean gap = test.name().equals(LOAD_BUFFERING);
    var seen = Machine.outcomes(test.program());
    assertThat(seen.stream().anyMatch(outcome -> outcome.matches(test.outcome())))
        .as("the machine has %s among %s", test.outcome(), seen)
        .isEqualTo(test.sometimes() && !gap);
    assertThat(seen).isEqualTo(outcomes.strengthened());
  }

  private static Documented never(String name, String outcome, String program) {
    return new Documented(name, outcome, false, LitmusProgram.parse(program));
  }

  private static Documented sometimes(String name, String outcome, String program) {
    return new Documented(name, outcome, true, LitmusProgram.parse(program));
  }

  static Stream<Documented> tests() {
    return Stream.of(
        never(
            "CoRR+poonceonce+Once",
            "1 0 .*",
            """
            P0: WRITE_ONCE(x, 1)
            P1: r0 = READ_ONCE(x); r1 = READ_ONCE(x)
            """),
        never(
            "CoRW+poonceonce+Once",
            "2 [|] 2 .*",
            """
            P0: r0 = READ_ONCE(x); WRITE_ONCE(x, 1)
            P1: WRITE_ONCE(x, 2)
            """),
        never(
            "CoWR+poonceonce+Once",
            "2 [|] 1 .*",
            """
            P0: WRITE_ONCE(x, 1); r0 = READ_ONCE(x)
            P1: WRITE_ONCE(x, 2)
            """),
        never(
            "CoWW+poonceonce",
            " [|] 1 .*",
            """
            P0: WRITE_ONCE(x, 1); WRITE_ONCE(x, 2)
            """),
        never(
            "IRIW+fencembonceonces+OnceOnce",
            "1 0 1 0 .*",
            """
            P0: WRITE_ONCE(x, 1)
            P1: r0 = READ_ONCE(x); smp_mb(); r1 = READ_ONCE(y)
            P2: WRITE_ONCE(y, 1)
            P3: r2 = READ_ONCE(y); smp_mb(); r3 = READ_ONCE(x)
            """),
        sometimes(
            "IRIW+poonceonces+OnceOnce",
            "1 0 1 0 .*",
            """
            P0: WRITE_ONCE(x, 1)
            P1: r0 = READ_ONCE(x); r1 = READ_ONCE(y)
            P2: WRITE_ONCE(y, 1)
            P3: r2 = READ_ONCE(y); r3 = READ_ONCE(x)
            """),
        never(
            "ISA2+pooncelock+pooncelock+pombonce",
            "1 1 0 .*",
            """
            P0: spin_lock(s); WRITE_ONCE(x, 1); WRITE_ONCE(y, 1); spin_unlock(s)
            P1: spin_lock(s); r0 = READ_ONCE(y); WRITE_ONCE(z, 1); spin_unlock(s)
            P2: r1 = READ_ONCE(z); smp_mb(); r2 = READ_ONCE(x)
            """),
        sometimes(
            "ISA2+poonceonces",
            "1 1 0 .*",
            """
            P0: WRITE_ONCE(x, 1); WRITE_ONCE(y, 1)
            P1: r0 = READ_ONCE(y); WRITE_ONCE(z, 1)
            P2: r1 = READ_ONCE(z); r2 = READ_ONCE(x)
            """),
        never(
            "ISA2+pooncerelease+poacquirerelease+poacquireonce",
            "1 1 0 .*",
            """
            P0: WRITE_ONCE(x, 1); smp_store_release(y, 1)
            P1: r0 = smp_load_acquire(y); smp_store_release(z, 1)
            P2: r1 = smp_load_acquire(z); r2 = READ_ONCE(x)
            """),
        never(
            "LB+poacquireonce+pooncerelease",
            "1 1 .*",
            """
            P0: r0 = READ_ONCE(x); smp_store_release(y, 1)
            P1: r1 = smp_load_acquire(y); WRITE_ONCE(x, 1)
            """),
        sometimes(
            LOAD_BUFFERING,
            "1 1 .*",
            """
            P0: r0 = READ_ONCE(x); WRITE_ONCE(y, 1)
            P1: r1 = READ_ONCE(y); WRITE_ONCE(x, 1)
            """),
        never(
            "LB+unlocklockonceonce+poacquireonce",
            "1 1 .*",
            """
            P0: spin_lock(s); r0 = READ_ONCE(x); spin_unlock(s); spin_lock(t); WRITE_ONCE(y, 1); \
            spin_unlock(t)
            P1: r1 = smp_load_acquire(y); WRITE_ONCE(x, 1)
            """),
        never(
            "MP+polocks",
            "1 0 .*",
            """
            P0: WRITE_ONCE(x, 1); spin_lock(s); WRITE_ONCE(y, 1); spin_unlock(s)
            P1: spin_lock(s); r0 = READ_ONCE(y); spin_unlock(s); r1 = READ_ONCE(x)
            """),
        never(
            "MP+porevlocks",
            "1 0 .*",
            """
            P0: spin_lock(s); WRITE_ONCE(x, 1); spin_unlock(s); WRITE_ONCE(y, 1)
            P1: r0 = READ_ONCE(y); spin_lock(s); r1 = READ_ONCE(x); spin_unlock(s)
            """),
        sometimes(
            "MP+poonceonces",
            "1 0 .*",
            """
            P0: WRITE_ONCE(x, 1); WRITE_ONCE(y, 1)
            P1: r0 = READ_ONCE(y); r1 = READ_ONCE(x)
            """),
        never(
            "MP+pooncerelease+poacquireonce",
            "1 0 .*",
            """
            P0: WRITE_ONCE(x, 1); smp_store_release(y, 1)
            P1: r0 = smp_load_acquire(y); r1 = READ_ONCE(x)
            """),
        never(
            "MP+fencewmbonceonce+fencermbonceonce",
            "1 0 .*",
            """
            P0: WRITE_ONCE(x, 1); smp_wmb(); WRITE_ONCE(y, 1)
            P1: r0 = READ_ONCE(y); smp_rmb(); r1 = READ_ONCE(x)
            """),
        never(
            "MP+unlocklockonceonce+fencermbonceonce",
            "1 0 .*",
            """
            P0: spin_lock(s); WRITE_ONCE(x, 1); spin_unlock(s); spin_lock(t); WRITE_ONCE(y, 1); \
            spin_unlock(t)
            P1: r0 = READ_ONCE(y); smp_rmb(); r1 = READ_ONCE(x)
            """),
        never(
            "R+fencembonceonces",
            "0 [|] 1 2 .*",
            """
            P0: WRITE_ONCE(x, 1); smp_mb(); WRITE_ONCE(y, 1)
            P1: WRITE_ONCE(y, 2); smp_mb(); r0 = READ_ONCE(x)
            """),
        sometimes(
            "R+poonceonces",
            "0 [|] 1 2 .*",
            """
            P0: WRITE_ONCE(x, 1); WRITE_ONCE(y, 1)
            P1: WRITE_ONCE(y, 2); r0 = READ_ONCE(x)
            """),
        never(
            "SB+fencembonceonces",
            "0 0 .*",
            """
            P0: WRITE_ONCE(x, 1); smp_mb(); r0 = READ_ONCE(y)
            P1: WRITE_ONCE(y, 1); smp_mb(); r1 = READ_ONCE(x)
            """),
        sometimes(
            "SB+poonceonces",
            "0 0 .*",
            """
            P0: WRITE_ONCE(x, 1); r0 = READ_ONCE(y)
            P1: WRITE_ONCE(y, 1); r1 = READ_ONCE(x)
            """),
        sometimes(
            "SB+rfionceonce-poonceonces",
            "1 0 1 0 .*",
            """
            P0: WRITE_ONCE(x, 1); r0 = READ_ONCE(x); r1 = READ_ONCE(y)
            P1: WRITE_ONCE(y, 1); r2 = READ_ONCE(y); r3 = READ_ONCE(x)
            """),
        sometimes(
            "S+poonceonces",
            "1 [|] 2 .*",
            """
            P0: WRITE_ONCE(x, 2); WRITE_ONCE(y, 1)
            P1: r0 = READ_ONCE(y); WRITE_ONCE(x, 1)
            """),
        never(
            "S+fencewmbonceonce+poacquireonce",
            "1 [|] 2 .*",
            """
            P0: WRITE_ONCE(x, 2); smp_wmb(); WRITE_ONCE(y, 1)
            P1: r0 = smp_load_acquire(y); WRITE_ONCE(x, 1)
            """),
        sometimes(
            "WRC+poonceonces+Once",
            "1 1 0 .*",
            """
            P0: WRITE_ONCE(x, 1)
            P1: r0 = READ_ONCE(x); WRITE_ONCE(y, 1)
            P2: r1 = READ_ONCE(y); r2 = READ_ONCE(x)
            """),
        never(
            "WRC+pooncerelease+fencermbonceonce+Once",
            "1 1 0 .*",
            """
            P0: WRITE_ONCE(x, 1)
            P1: r0 = READ_ONCE(x); smp_store_release(y, 1)
            P2: r1 = READ_ONCE(y); smp_rmb(); r2 = READ_ONCE(x)
            """),
        sometimes(
            "Z6.0+pooncelock+pooncelock+pombonce",
            "1 0 [|] 1 1 2",
            """
            P0: spin_lock(s); WRITE_ONCE(x, 1); WRITE_ONCE(y, 1); spin_unlock(s)
            P1: spin_lock(s); r0 = READ_ONCE(y); WRITE_ONCE(z, 1); spin_unlock(s)
            P2: WRITE_ONCE(z, 2); smp_mb(); r1 = READ_ONCE(x)
            """),
        sometimes(
            "Z6.0+pooncerelease+poacquirerelease+fencembonceonce",
            "1 0 [|] 1 1 2",
            """
            P0: WRITE_ONCE(x, 1); smp_store_release(y, 1)
            P1: r0 = smp_load_acquire(y); smp_store_release(z, 1)
            P2: WRITE_ONCE(z, 2); smp_mb(); r1 = READ_ONCE(x)
            """));
  }
}
