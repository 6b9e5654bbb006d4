// SPDX-License-Identifier: MIT
package kvmlab.grade.run;

import java.time.Duration;

/// How long a check may take. Time never earns or costs a point: it only ever yields `timeout`.
///
/// @param checkCpu processor time that a worker may spend on one check
/// @param hungCpu the same, for a submission that did not come to an end before: eight hung checks
///   cost half a minute then, rather than two
/// @param start how long a worker may take to start
public record Limits(Duration checkCpu, Duration hungCpu, Duration start) {

  /// Generous: the exploration of a check is bounded by counts, and takes a fraction of a second.
  public static final Limits DEFAULT = ofCpu(Duration.ofSeconds(10));

  /// For engines that take their time.
  public static final Limits PATIENT = ofCpu(Duration.ofMinutes(5));

  private static final int WALL_PER_CPU = 5;
  private static final int HUNG_SHARE = 3;

  /// This much processor time for a check.
  public static Limits ofCpu(Duration checkCpu) {
    return new Limits(checkCpu, checkCpu.dividedBy(HUNG_SHARE), Duration.ofSeconds(60));
  }

  /// The backstop for a worker that hangs without spending processor time.
  static Duration wall(Duration cpu) {
    return cpu.multipliedBy(WALL_PER_CPU);
  }
}
