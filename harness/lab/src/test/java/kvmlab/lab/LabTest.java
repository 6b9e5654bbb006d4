// SPDX-License-Identifier: MIT
package kvmlab.lab;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ex99.CountsItsBuilds;
import ex99.LastComesFirst;
import ex99.LastMayComeFirst;
import ex99.LocksInBothOrders;
import java.util.List;
import kvmlab.kernel.Spinlock;
import org.junit.jupiter.api.Test;

class LabTest {

  @Test
  void reportShowsWhoWaitsForWhomAndHowToReplay() {
    Exploration exploration = Lab.explore(new LocksInBothOrders());
    String token = exploration.finding().orElseThrow().token().toString();
    assertThat(exploration.explain())
        .isEqualTo(
            """
            STUCK  ex99 LocksInBothOrders: every task comes to its end
            deadlock: CPU 0 (one first) waits in mutex_lock(other), held by CPU 1 (other first);\
             CPU 1 (other first) waits in mutex_lock(one), held by CPU 0 (one first)

              INFO: task CPU 0 (one first) is blocked for ever.
                CPU 0 (one first) waits in mutex_lock(other), held by CPU 1 (other first)
              INFO: task CPU 1 (other first) is blocked for ever.
                CPU 1 (other first) waits in mutex_lock(one), held by CPU 0 (one first)

              Wait-for cycle:
                CPU 0 (one first) -> CPU 1 (other first) -> CPU 0 (one first)

              Showing all locks held in the system:
              1 lock held by CPU 0 (one first):
               #0: mutex_lock(one)
              1 lock held by CPU 1 (other first):
               #0: mutex_lock(other)

              CPU 0 (one first)                                CPU 1 (other first)
              -----------------------------------------------  -----------------------------------------------
              1  mutex_lock(one)
                                                               2  mutex_lock(other)
                                                                  mutex_lock(one)  [waits]
              3  mutex_lock(other)  [waits]

            likely cause: the locks are taken in both orders
            read: chapter 99
            replay: ./course replay %s\
            """
                .formatted(token));
  }

  @Test
  void tokenReplaysToTheSameTrace() {
    Finding finding = Lab.explore(new LocksInBothOrders()).finding().orElseThrow();
    Token token = Token.parse(finding.token().toString());
    Finding again = Lab.replay(new LocksInBothOrders(), token).finding().orElseThrow();
    assertThat(again.trace()).isEqualTo(finding.trace());
    assertThat(again.token()).isEqualTo(token);
  }

  @Test
  void turnThatCannotBeTakenIsStale() {
    // Three tasks at the start, and there are two.
    Token other = Token.parse("ex99:LocksInBothOrders:v1:i2-0000");
    assertThatThrownBy(() -> Lab.replay(new LocksInBothOrders(), other))
        .isInstanceOf(StaleToken.class)
        .hasMessage(
            "ex99:LocksInBothOrders:v1:i2-0000 is stale, it was printed for other code: task 2"
                + " cannot begin. Check the exercise again for a token of today");
  }

  @Test
  void scheduleThatDoesNoHarmPasses() {
    Token harmless = Token.parse("ex99:LocksInBothOrders:v1:-0000");
    Exploration replayed = Lab.replay(new LocksInBothOrders(), harmless);
    assertThat(replayed.explain())
        .isEqualTo("PASS  ex99 LocksInBothOrders: 1 execution, the one schedule of the token");
  }

  @Test
  void randomRunsFollowWhereTheBudgetEnds() {
    Exploration exploration = Lab.explore(new LastComesFirst());
    assertThat(exploration.verdict()).isEqualTo("FORBIDDEN");
    assertThat(exploration.schedules()).isBetween(3_001L, 3_500L);
    assertThat(exploration.bound()).isEqualTo("up to the first wrong execution");
    assertThat(exploration.finding().orElseThrow().violation().seen())
        .isEqualTo("CPU 3 comes first");
  }

  @Test
  void whatIsNotExhaustedIsNotClaimed() {
    Exploration exploration = Lab.explore(new LastMayComeFirst());
    assertThat(exploration.exhausted()).isFalse();
    assertThat(exploration.schedules()).isEqualTo(4_000);
    assertThat(exploration.explain())
        .isEqualTo(
            "PASS  ex99 LastMayComeFirst: 4,000 executions, not exhausted: the first 3000"
                + " executions, 500 random ones by POS, 500 random ones by PCT(3) (a bug of depth 3"
                + " within 32 events is missed with probability 0.9 at most); nothing claimed beyond");
  }

  @Test
  void explorationIsTheSameOnTwoThreads() {
    for (Scenario scenario : List.of(new LastComesFirst(), new LastMayComeFirst())) {
      Exploration alone = Lab.explore(scenario, 1);
      Exploration together = Lab.explore(scenario, 2);
      assertThat(together.explain()).isEqualTo(alone.explain());
      assertThat(together.schedules()).isEqualTo(alone.schedules());
    }
  }

  @Test
  void scenarioIsRunTwiceWhereThatIsAskedFor() {
    assertThat(Lab.explore(new CountsItsBuilds()).verdict()).as("by chance").isEqualTo("PASS");
    System.setProperty(Lab.TWICE, "true");
    try {
      assertThatThrownBy(() -> Lab.explore(new CountsItsBuilds()))
          .isInstanceOf(NotRepeatable.class)
          .hasMessageStartingWith("ex99:CountsItsBuilds: the same schedule does not lead")
          .hasMessageContaining("at step 1 first came `CPU 0: WRITE_ONCE(cell, ")
          .hasMessageContaining("a static field");
      assertThat(Lab.explore(new LocksInBothOrders()).verdict()).isEqualTo("STUCK");
    } finally {
      System.clearProperty(Lab.TWICE);
    }
  }

  @Test
  void explorationsAreRememberedOnce() {
    Explorations.drain();
    Exploration exploration = Lab.explore(new LocksInBothOrders());
    assertThat(Explorations.drain()).containsExactly(exploration);
    assertThat(Explorations.drain()).isEmpty();
  }

  @Test
  void violatedCarriesTheReport() {
    Exploration exploration = Lab.explore(new LocksInBothOrders());
    assertThatThrownBy(() -> LabAssertions.assertThat(exploration).isSafe())
        .isInstanceOf(Violated.class)
        .hasMessage(exploration.explain());
  }

  @Test
  void aloneReportsMisuse() {
    assertThat(
            Lab.alone(() -> {
              Spinlock lock = Spinlock.define("lock");
              lock.lock();
              lock.unlock();
              return lock.name();
            }))
        .isEqualTo("lock");
    assertThatThrownBy(() ->
            Lab.alone(() -> {
              new Spinlock("lock").lock();
              return 0;
            }))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("lock is initialised before its first use");
  }
}
