// SPDX-License-Identifier: MIT
package kvmlab.explore.stress;

import java.util.List;
import kvmlab.machine.Violation;

/// A kind of wrong rounds: the first of them, and how many there were.
///
/// @param violation what went wrong first
/// @param round the number of that round, from 0
/// @param stuck where each task stood, if that round did not come to an end
/// @param count how many rounds went wrong that way
public record Sighting(Violation violation, long round, List<Stuck> stuck, long count) {

  public Sighting {
    stuck = List.copyOf(stuck);
  }

  boolean isLike(Violation other) {
    return violation.kind() == other.kind() && violation.expected().equals(other.expected());
  }

  Sighting again() {
    return new Sighting(violation, round, stuck, count + 1);
  }
}
