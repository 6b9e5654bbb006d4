// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Which tasks access which locations, and how, in all executions of an exploration together: so,
/// which locations may have a data race.
///
/// Two orders of events that lead to the same state may order the accesses before it differently,
/// so a search that visits states once may pass a race by. This holds what needs no order: a
/// location that a lock guards has no race among its writes and plain reads, and one that only one
/// task touches, or that is only read, has none at all.
final class PlainAccesses {

  private static final class Place {
    // Sets of tasks.
    int plainReaders;
    int plainWriters;
    int readers;
    int writers;
  }

  private @Nullable Place[] places = new Place[64];

  /// Notes an access; returns whether it makes a race possible.
  boolean add(ExploredLocation location, ExploredTask task, boolean plain, boolean writes) {
    Place place = place(location.id());
    int who = 1 << task.id();
    if (plain) {
      place.plainReaders |= writes ? 0 : who;
      place.plainWriters |= writes ? who : 0;
    } else {
      place.readers |= writes ? 0 : who;
      place.writers |= writes ? who : 0;
    }
    if (location.guarded()) {
      return several(place.plainWriters, place.readers);
    }
    return several(place.plainWriters, place.plainWriters)
        || several(place.plainWriters, place.plainReaders | place.readers | place.writers)
        || several(place.plainReaders, place.writers);
  }

  private Place place(int id) {
    if (id >= places.length) {
      places = Arrays.copyOf(places, id * 2);
    }
    Place place = places[id];
    if (place == null) {
      place = new Place();
      places[id] = place;
    }
    return place;
  }

  /// Returns whether there are two different tasks, one in each set.
  private static boolean several(int one, int other) {
    return one != 0 && other != 0 && Integer.bitCount(one | other) > 1;
  }
}
