// SPDX-License-Identifier: MIT
package kvmlab.lab.invariant;

import com.google.auto.service.AutoService;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmArchMemorySlot;
import kvmlab.kvm.KvmMemorySlot;
import kvmlab.kvm.KvmMemslots;
import kvmlab.kvm.Spte;
import kvmlab.lab.Invariant;
import kvmlab.lab.World;
import org.jspecify.annotations.Nullable;

/// I7. When memslots without a slot are published, or with the slot moved, no translation that was
/// made through it is left, and none is made later. Until then it is marked invalid, so its
/// translations are known to whoever invalidates.
///
/// A slot's metadata tells one life of it from the next: it is new for a slot that was created or
/// moved, the same when flags change, and the same again when a deletion is called off.
///
/// The publication is not ordered against an install that races it. That raises no false alarm: in
/// a correct update the flush comes before the publication, and installs through the slot come
/// before the flush. And it misses nothing: seen before the publication the install is found there,
/// seen after it the install is too late.
@AutoService(Invariant.class)
public final class NoTranslationOutlivesMemslot extends Invariant {
  private final Map<Where, KvmMemslots> published = new HashMap<>();
  private final Set<KvmArchMemorySlot> removed = new HashSet<>();
  private @Nullable World world;

  private record Where(Kvm kvm, int asId) {}

  public NoTranslationOutlivesMemslot() {
    super("I7", "no translation is left of a memslot that was deleted or moved");
  }

  @Override
  protected void begin(World begun) {
    world = begun;
  }

  @Override
  protected boolean standsConcurrency() {
    // Publications are told in order, under slots_lock; a translation that is seen too late was
    // made before, and is gone in a correct update.
    return true;
  }

  @Override
  public void memslotsPublished(Kvm kvm, int asId, KvmMemslots slots) {
    KvmMemslots before = published.put(new Where(kvm, asId), slots);
    if (before == null || !remove(before, slots)) {
      return;
    }
    Translations.forEach(
        Objects.requireNonNull(world),
        (where, gfn, spte) -> {
          if (removed.contains(spte.slot().arch())) {
            broken(
                where
                    + " maps "
                    + gfn
                    + " to "
                    + spte
                    + " through memslot "
                    + spte.slot().id()
                    + ", which is there no more");
          }
        });
  }

  @Override
  public void spteInstalled(Kvm kvm, Gfn gfn, Spte spte) {
    if (removed.contains(spte.slot().arch())) {
      broken(
          gfn
              + " -> "
              + spte
              + " was installed through memslot "
              + spte.slot().id()
              + ", which is there no more");
    }
  }

  private boolean remove(KvmMemslots before, KvmMemslots now) {
    List<KvmArchMemorySlot> gone = new ArrayList<>(1);
    for (KvmMemorySlot slot : before.latestSlots()) {
      if (slot.arch() != null
          && now.latestSlots().stream().noneMatch(other -> other.arch() == slot.arch())) {
        gone.add(slot.arch());
      }
    }
    return removed.addAll(gone);
  }
}
