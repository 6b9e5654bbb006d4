// SPDX-License-Identifier: MIT
package kvmlab.mm;

import java.util.Objects;
import kvmlab.kernel.KmemObject;
import kvmlab.kernel.RefCell;

/// A frame of memory and its life: it is mapped, then free. A freed frame stays poisoned and is
/// never given out again, so a late access to it can be told.
///
/// Simplified: frames are not counted by reference. KVM drops its reference before it installs a
/// translation, so in the kernel, too, the notifier alone keeps a translated frame valid.
///
/// @kernel include/linux/mm_types.h struct page
public final class PageFrame {
  private final Pfn pfn;
  private final RefCell<State> state;
  private final KmemObject life;

  /// What a frame is used for.
  public enum State {
    MAPPED,
    FREE
  }

  PageFrame(Pfn pfn) {
    this.pfn = pfn;
    this.state = new RefCell<>(pfn.toString(), State.MAPPED);
    this.life = new KmemObject("page frame " + pfn, "I2");
  }

  /// Returns the frame's number.
  public Pfn pfn() {
    return pfn;
  }

  /// Loads from the frame or stores to it: an event, so that every order of an access and the end
  /// of the frame's life is explored.
  public void access() {
    state.readOnce();
    life.access("access");
  }

  /// Gives the frame back to the allocator.
  void free() {
    state.writeOnce(State.FREE);
    life.free();
  }

  /// Returns what the frame is used for now, whoever asks. For invariants and reports.
  public State state() {
    return Objects.requireNonNull(state.latest());
  }

  @Override
  public String toString() {
    return pfn.toString();
  }
}
