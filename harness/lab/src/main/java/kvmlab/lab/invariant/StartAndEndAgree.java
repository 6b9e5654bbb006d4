// SPDX-License-Identifier: MIT
package kvmlab.lab.invariant;

import com.google.auto.service.AutoService;
import kvmlab.lab.Invariant;

/// I14. Start takes `mmu_lock` if and only if end does: both count, or neither.
///
/// Judged by how often the task itself has taken the lock, which no other task can change.
@AutoService(Invariant.class)
public final class StartAndEndAgree extends Sections {

  public StartAndEndAgree() {
    super("I14", "start and end of an invalidation agree on whether it is of guest memory");
  }

  @Override
  void ended(Section section) {
    if (section.locksInStart > 0 != section.locksInEnd > 0) {
      broken(
          "start of "
              + section.range
              + (section.locksInStart > 0 ? " took" : " did not take")
              + " mmu_lock, and its end "
              + (section.locksInEnd > 0 ? "did" : "did not"));
    }
  }
}
