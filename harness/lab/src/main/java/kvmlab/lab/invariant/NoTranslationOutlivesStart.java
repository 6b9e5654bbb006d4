// SPDX-License-Identifier: MIT
package kvmlab.lab.invariant;

import com.google.auto.service.AutoService;
import java.util.Objects;
import kvmlab.lab.Invariant;
import kvmlab.lab.World;
import kvmlab.mm.MmuNotifierRange;
import org.jspecify.annotations.Nullable;

/// I3. When start returns, no page of the range is translated: in no address space, through no
/// memslot, in no TLB. From then on the host may free the frames; removing a translation in end is
/// too late.
@AutoService(Invariant.class)
public final class NoTranslationOutlivesStart extends Invariant {
  private @Nullable World world;

  public NoTranslationOutlivesStart() {
    super("I3", "when invalidate_range_start returns, no translation of its range is left");
  }

  @Override
  protected void begin(World begun) {
    world = begun;
  }

  @Override
  protected boolean standsConcurrency() {
    // The host is told between start and end of the range: no translation of it may come or be.
    return true;
  }

  @Override
  public void rangeStarted(MmuNotifierRange range) {
    Translations.forEach(
        Objects.requireNonNull(world),
        (where, gfn, spte) -> {
          if (range.contains(spte.slot().gfnToHva(gfn))) {
            broken(
                "start(" + range + ") has returned, and " + where + " maps " + gfn + " to " + spte);
          }
        });
  }
}
