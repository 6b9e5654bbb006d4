// SPDX-License-Identifier: MIT
package kvmlab.bench.reference;

import java.util.List;
import java.util.Locale;

/// What a VM is kept busy with, and what of it is counted.
public enum Workload {
  /// Invalidations of memory that no memslot covers.
  UNRELATED("invalidations of other memory per second", List.of(1, 4, 16)),
  /// Invalidations of guest memory, of which nothing is translated.
  GUEST("invalidations of guest memory per second", List.of(1, 4, 16)),
  /// Page faults, of pages that are mapped already: the way is the same but for the last store.
  FAULTS("faults per second", List.of(1, 4, 16)),
  /// Updates of memslots.
  SLOTS("memslot updates per second", List.of(1, 4, 16)),
  /// Faults of one vCPU, while so many tasks invalidate memory that no memslot covers.
  STORM("faults per second in a storm of invalidations", List.of(0, 1, 2, 4, 8, 16)),
  /// Memslot updates of one task, while so many tasks invalidate memory that no memslot covers.
  SLOTS_IN_STORM("memslot updates per second in a storm", List.of(0, 1, 2, 4, 8, 16));

  private final String title;
  private final List<Integer> tasks;

  Workload(String title, List<Integer> tasks) {
    this.title = title;
    this.tasks = tasks;
  }

  /// Returns what reports call it.
  String title() {
    return title;
  }

  /// Returns the name of the measure in rows.
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// Returns the numbers of tasks that it is measured with.
  List<Integer> tasks() {
    return tasks;
  }
}
