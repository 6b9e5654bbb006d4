// SPDX-License-Identifier: MIT
package kvmlab.lab;

import kvmlab.kvm.KvmObserver;
import kvmlab.machine.Engine;
import kvmlab.machine.Violation;
import kvmlab.mm.MmObserver;

/// What must hold in every execution of every scenario. Found by the service loader; each world has
/// objects of its own, so an invariant may remember what it saw.
///
/// An invariant is told of moments, and may look at whatever has a method named `latest...`. A
/// moment that writes a translation or a page-table entry is ordered among all others of that kind;
/// any other belongs to the event that its task performed last.
public abstract class Invariant implements MmObserver, KvmObserver {
  private final String id;
  private final String statement;

  /// @param id the identifier, `I1`
  /// @param statement what holds, as one positive sentence without a full stop
  protected Invariant(String id, String statement) {
    this.id = id;
    this.statement = statement;
  }

  /// Returns the identifier, `I1`.
  public final String id() {
    return id;
  }

  /// Returns what holds, as one positive sentence without a full stop.
  public final String statement() {
    return statement;
  }

  /// Returns whether the invariant says what is slow, not what is wrong. Then it judges only the
  /// scenarios that ask for it: see [Scenario#watches].
  protected boolean isPerformance() {
    return false;
  }

  /// Returns whether the invariant can be judged while tasks run at the same time. Then it is told
  /// one moment at a time; but what it looks at may change while it looks, and the moment may be
  /// over, so an override carries the argument why that raises no false alarm. Where tasks run at
  /// the same time, other invariants are told no moments, and asked at the end only.
  protected boolean standsConcurrency() {
    return false;
  }

  /// Called once, before the world is built any further.
  protected void begin(World world) {}

  /// Called when every task has ended.
  protected void atEnd() {}

  /// Ends the execution: the invariant is broken.
  ///
  /// @param seen what was seen instead, in a sentence or two without a full stop at the end
  protected final void broken(String seen) {
    Engine.current().fail(Violation.of(Violation.Kind.INVARIANT, id, statement, seen));
  }
}
