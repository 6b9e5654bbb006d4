// SPDX-License-Identifier: MIT
package kvmlab.lab;

import java.util.Optional;
import kvmlab.machine.Trace;
import kvmlab.machine.Violation;

/// Guesses the mistake behind a violation from what happened before it.
///
/// An exercise may have one beside its checks: the class `LikelyCause` in its package, with a
/// public constructor without parameters.
@FunctionalInterface
public interface Diagnosis {

  /// Returns the likely cause, in half a sentence without a full stop; empty when unsure.
  Optional<String> likelyCause(Violation violation, Trace trace);

  /// Returns the diagnosis that lies beside `scenario`; one that is never sure if none does.
  static Diagnosis beside(Scenario scenario) {
    Class<?> type = scenario.getClass();
    try {
      return (Diagnosis)
          Class.forName(type.getPackageName() + ".LikelyCause", true, type.getClassLoader())
              .getConstructor()
              .newInstance();
    } catch (ClassNotFoundException e) {
      return (violation, trace) -> Optional.empty();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("LikelyCause of " + scenario.id() + " cannot be made", e);
    }
  }
}
