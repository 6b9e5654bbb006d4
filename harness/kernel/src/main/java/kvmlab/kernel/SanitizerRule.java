// SPDX-License-Identifier: MIT
package kvmlab.kernel;

/// What the sanitizers watch over, whatever runs: the rules of the kernel itself.
///
/// A report says the rule in the words of the case; these are the words for all cases.
public enum SanitizerRule {
  LIVE_FRAMES("I2", "guest and KVM touch live frames only", "KASAN"),
  ALIVE("I17", "nothing is used after its life", "refcount_t, SRCU"),
  MIGHT_SLEEP(
      "I18",
      "nobody sleeps in interrupt context, in a non-blockable section or with a spinning lock",
      "might_sleep()"),
  NON_BLOCK(
      "I20",
      "a non-blockable section never sleeps, and is closed by whoever opened it",
      "non_block_start()"),
  LOCK_ORDER("I23", "locks are nested in one order, everywhere", "lockdep"),
  INITIALISED(
      "I25",
      "every lock is initialised before its first use, and never anew while it is held",
      "the locks"),
  OWNED("I26", "every lock is released once, by the task that took it", "the locks, lockdep"),
  WOKEN("I32", "whoever waits for a wake-up gets it", "rcuwait, the hung-task detector"),
  GRACE_PERIOD(
      "I35",
      "every grace period ends, since every read section does",
      "SRCU, the hung-task detector"),
  DECLARED("I37", "what an #if declares is used only where its condition holds", "#if");

  private final String id;
  private final String statement;
  private final String judge;

  SanitizerRule(String id, String statement, String judge) {
    this.id = id;
    this.statement = statement;
    this.judge = judge;
  }

  /// Returns the identifier of the invariant, `I18`.
  public String id() {
    return id;
  }

  /// Returns what holds, as one positive sentence without a full stop.
  public String statement() {
    return statement;
  }

  /// Returns which sanitizer reports it.
  public String judge() {
    return judge;
  }
}
