// SPDX-License-Identifier: MIT
package kvmlab.bench;

import kvmlab.bench.notifier.NotifierScenario;
import kvmlab.explore.Counterexample;
import kvmlab.explore.Explorer;

/// The shortest way from a new JVM to a bug: explores one scenario and says what it found.
public final class ColdStart {
  static final String MARK = "FOUND ";

  private ColdStart() {}

  /// Explores the scenario named by the first argument.
  public static void main(String[] args) {
    NotifierScenario scenario = NotifierScenario.named(args[0]);
    Explorer explorer = new Explorer(scenario.program()).model(scenario.model());
    Counterexample found = explorer.explore().counterexample();
    System.out.println(MARK + (found == null ? "nothing" : found.violation().seen()));
  }
}
