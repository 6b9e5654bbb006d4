// SPDX-License-Identifier: MIT
package ex99;

import java.util.Optional;
import kvmlab.lab.Diagnosis;
import kvmlab.machine.Trace;
import kvmlab.machine.Violation;

/// Knows one mistake.
public final class LikelyCause implements Diagnosis {

  @Override
  public Optional<String> likelyCause(Violation violation, Trace trace) {
    return Optional.of("the locks are taken in both orders");
  }
}
