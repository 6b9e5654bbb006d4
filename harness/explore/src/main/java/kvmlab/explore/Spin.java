// SPDX-License-Identifier: MIT
package kvmlab.explore;

import kvmlab.machine.StateHash;
import org.jspecify.annotations.Nullable;

/// What one task has read since it last changed something: whether it goes round a loop that only
/// waits for a change, and for which.
///
/// Why a spinning task may wait. Rounds of a loop that read the same values again and change
/// nothing leave no mark, so they need not be run: after `cpu_relax()` the next read of what was
/// read must return something newer. A loop that reads several locations ends by a change of any of
/// them. Which one is a free choice, since two independent events that could each end the wait
/// would not be a partial order; a choice that turns out wrong is given up.
///
/// A loop that gives up after some rounds must not be stuck for it. When nobody else can move, a
/// spinning task goes on as it would in the kernel, and only one that does so too long is caught in
/// an endless loop. What this can hide: a loop with a limit on its rounds that gives up although
/// another task could still move.
final class Spin {
  /// After how many reads in a row that tell nothing new a loop without `cpu_relax()` spins.
  private static final int IDLE_MAX = 32;

  /// How often a task that nobody can help goes round.
  static final int LIFTS_MAX = 100;

  private static final int PLACES_MAX = 4;

  private final @Nullable ExploredLocation[] places = new ExploredLocation[PLACES_MAX];
  private final long[] versions = new long[PLACES_MAX];
  private final @Nullable Message[] messages = new Message[PLACES_MAX];
  private int count;

  /// The places read since the task said that it spins, and those read again and again in vain.
  private int round;

  private int again;
  private int idle;

  /// The place whose change the task waits for, or null.
  private @Nullable ExploredLocation awaited;

  private int awaitedAt;
  private int others;
  private boolean lifted;
  private int lifts;
  private int roundsWithEffect;

  void reset() {
    count = 0;
    idle = 0;
    awaited = null;
    lifted = false;
    lifts = 0;
    roundsWithEffect = 0;
    round = 0;
  }

  /// The task has changed something, or may have.
  void acted() {
    count = 0;
    round = 0;
    idle = 0;
    awaited = null;
  }

  /// The task has read `place` and changed nothing.
  ///
  /// @param version how often the place had been written, where memory has one value only
  /// @param message what was read, where memory is weak
  void looked(ExploredLocation place, long version, @Nullable Message message) {
    lifted = false;
    for (int i = 0; i < count; i++) {
      if (places[i] == place) {
        round |= 1 << i;
        if (versions[i] == version && messages[i] == message) {
          idle++;
          again |= 1 << i;
        } else {
          versions[i] = version;
          messages[i] = message;
          idle = 0;
          again = 1 << i;
          awaited = null;
        }
        return;
      }
    }
    if (count == PLACES_MAX) {
      acted();
    }
    places[count] = place;
    versions[count] = version;
    messages[count] = message;
    round |= 1 << count;
    again = 1 << count++;
    idle = 0;
  }

  /// Returns which places could end the loop, as a set; empty when the loop changes something.
  int places() {
    return idles() ? again : round;
  }

  /// Lets the task wait for a change of one of `candidates`, the `nth` of them.
  void await(int candidates, int nth) {
    int rest = candidates;
    for (int i = 0; i < nth; i++) {
      rest &= rest - 1;
    }
    awaitedAt = Integer.numberOfTrailingZeros(rest);
    awaited = places[awaitedAt];
    others = candidates & ~(1 << awaitedAt);
    round = 0;
    idle = 0;
  }

  /// Counts a round of a loop that changes something; returns how many there were.
  int roundWithEffect() {
    return ++roundsWithEffect;
  }

  /// Returns whether the task loops without saying so.
  boolean idles() {
    return idle >= IDLE_MAX && awaited == null;
  }

  /// Returns whether a read of `place` must return something new.
  boolean awaits(ExploredLocation place) {
    return awaited == place && !lifted;
  }

  long awaitedVersion() {
    return versions[awaitedAt];
  }

  @Nullable Message awaitedMessage() {
    return messages[awaitedAt];
  }

  /// Returns whether another place than the awaited one has changed.
  boolean changedElsewhere() {
    for (int rest = others; rest != 0; rest &= rest - 1) {
      int i = Integer.numberOfTrailingZeros(rest);
      ExploredLocation place = places[i];
      if (place != null && place.changedSince(versions[i], messages[i])) {
        return true;
      }
    }
    return false;
  }

  /// Lets the task go on although nothing has changed; returns whether it may.
  boolean lift() {
    lifted = lifts++ < LIFTS_MAX;
    return lifted;
  }

  int lifts() {
    return lifts;
  }

  /// Adds what is known of the loop, places by whether they have changed since.
  void describe(StateHash into) {
    into.add(count);
    for (int i = 0; i < count; i++) {
      ExploredLocation place = places[i];
      if (place != null) {
        into.add(place.id());
        into.add(place.changedSince(versions[i], messages[i]));
      }
    }
    if (count > 0 || lifts > 0 || roundsWithEffect > 0) {
      into.add((long) round << 32 | again);
      into.add((long) idle << 32 | lifts);
      into.add(awaited == null ? -1 : awaitedAt);
      into.add(others);
      into.add(lifted);
      into.add(roundsWithEffect);
    }
  }
}
