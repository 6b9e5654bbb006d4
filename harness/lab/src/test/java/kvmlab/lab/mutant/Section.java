// SPDX-License-Identifier: MIT
package kvmlab.lab.mutant;

import kvmlab.lab.World;
import kvmlab.mm.Hva;
import kvmlab.mm.MmuNotifierRange;

/// An invalidation whose start and end a test sends by itself, so that the host edits nothing in
/// between: the KVM side alone is what may go wrong.
public final class Section {
  private final World world;
  private final MmuNotifierRange range;

  private Section(World world, MmuNotifierRange range) {
    this.world = world;
    this.range = range;
  }

  /// Returns one of page `page`.
  public static Section of(World world, int page) {
    return new Section(world, new MmuNotifierRange(Hva.page(page), Hva.page(page + 1), true));
  }

  /// Returns one of page `page`, which may not sleep.
  public static Section nonBlockable(World world, int page) {
    return new Section(world, new MmuNotifierRange(Hva.page(page), Hva.page(page + 1), false));
  }

  public void start() {
    world.mm().notifierSubscriptions().invalidateRangeStart(range);
  }

  public void end() {
    world.mm().notifierSubscriptions().invalidateRangeEnd(range);
  }

  /// Start, and end at once.
  public void run() {
    start();
    end();
  }
}
