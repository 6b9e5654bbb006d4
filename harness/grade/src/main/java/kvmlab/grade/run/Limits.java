// SPDX-License-Identifier: MIT
package kvmlab.grade.run;

import java.time.Duration;

/// How long a check may take. Time never earns or costs a point: it only ever yields `timeout`.
///
/// @param checkCpu processor time that a worker may spend on one check
/// @param checkWall backstop for a check that hangs without spending any
/// @param start how long a worker may take to start
public record Limits(Duration checkCpu, Duration checkWall, Duration start) {

  /// Generous: the exploration of a check is bounded by counts.
  public static final Limits DEFAULT = ofCpu(Duration.ofSeconds(20));

  /// This much processor time, and five times as much on the clock.
  public static Limits ofCpu(Duration checkCpu) {
    return new Limits(checkCpu, checkCpu.multipliedBy(5), Duration.ofSeconds(60));
  }
}
