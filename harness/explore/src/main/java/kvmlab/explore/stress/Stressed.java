// SPDX-License-Identifier: MIT
package kvmlab.explore.stress;

import java.util.List;

/// What many rounds on real threads came to. Evidence: a program without a sighting may still be
/// wrong under a schedule that this machine did not run.
///
/// @param seed what the noise was drawn from
/// @param threads how many tasks ran at the same time
/// @param rounds how often the program ran
/// @param events the events of all rounds
/// @param nanos how long it took
/// @param sightings what went wrong, in order of the first time
/// @param abandoned whether the run was cut short by a task that neither ended nor reached an event
public record Stressed(
    long seed,
    int threads,
    long rounds,
    long events,
    long nanos,
    List<Sighting> sightings,
    boolean abandoned) {
  private static final double NANOS = 1e9;

  public Stressed {
    sightings = List.copyOf(sightings);
  }

  /// Returns how many events there were in a second.
  public double eventsPerSecond() {
    return events * NANOS / Math.max(1, nanos);
  }

  /// Returns how many rounds went wrong.
  public long wrong() {
    return sightings.stream().mapToLong(Sighting::count).sum();
  }
}
