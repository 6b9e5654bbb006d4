// SPDX-License-Identifier: MIT
package kvmlab.mm;

import java.util.Objects;
import java.util.function.Supplier;
import kvmlab.kernel.KmemObject;
import kvmlab.kernel.LongCell;
import kvmlab.kernel.RefCell;
import kvmlab.kernel.SanitizerRule;
import org.jspecify.annotations.Nullable;

/// A frame of memory, its contents and its life: it is mapped, then free, then perhaps somebody
/// else's. Nobody who had it gets it a second time, so a late access to it can be told.
///
/// Simplified: frames are not counted by reference, only by their mappings. KVM drops its reference
/// before it installs a translation, so in the kernel, too, the notifier alone keeps a translated
/// frame valid.
///
/// @kernel include/linux/mm_types.h struct page
public final class PageFrame {

  // An access and the end of the life are events of one cell, so every order of the two is
  // explored. The state is kept beside it: a late store changes the contents, and revives nothing.

  private final Pfn pfn;
  private final Supplier<MmObserver> observer;
  private final RefCell<Contents> contents;
  private final KmemObject life;
  private volatile State state = State.MAPPED;

  /// How many users there are; null as long as there is one. Made under the page-table lock of its
  /// only mapping, or before there is any.
  private @Nullable LongCell mapcount;

  /// What a frame is used for.
  public enum State {
    MAPPED,
    FREE,
    REUSED
  }

  /// What is stored in a frame. In a free one it is poison.
  private record Contents(State state, long data) {
    static final Contents ZERO = new Contents(State.MAPPED, 0);
    static final Contents FREE = new Contents(State.FREE, 0x6b6b6b6b6b6b6b6bL);
    static final Contents REUSED = new Contents(State.REUSED, 0xbadL);

    @Override
    public String toString() {
      return state + (state == State.MAPPED && data != 0 ? " " + data : "");
    }
  }

  PageFrame(Pfn pfn, long data, Supplier<MmObserver> observer) {
    this.pfn = pfn;
    this.observer = observer;
    Contents initial = data == 0 ? Contents.ZERO : new Contents(State.MAPPED, data);
    this.contents = new RefCell<>(pfn.toString(), initial);
    this.life = new KmemObject("page frame " + pfn, SanitizerRule.LIVE_FRAMES.id());
  }

  /// Returns the frame's number.
  public Pfn pfn() {
    return pfn;
  }

  /// Loads from the frame or stores to it: an event, so that every order of an access and the end
  /// of the frame's life is explored.
  public void access() {
    contents.readOnce();
    life.access("access");
  }

  /// Loads what is stored in the frame: one event. A new frame holds 0.
  public long load() {
    long data = Objects.requireNonNull(contents.readOnce()).data();
    life.access("read");
    return data;
  }

  /// Stores `data` in the frame: one event.
  public void store(long data) {
    contents.writeOnce(new Contents(State.MAPPED, data));
    life.access("write");
  }

  /// Notes one more user: another entry that maps the frame, or the page cache. The caller keeps
  /// the user before from leaving.
  void get() {
    LongCell users = mapcount;
    if (users == null) {
      users = new LongCell("mapcount(" + pfn + ")", 1);
      mapcount = users;
    }
    users.fetchAdd(1);
  }

  /// Notes that one user is gone; returns whether it was the last one: the caller frees the frame.
  boolean put() {
    LongCell users = mapcount;
    return users == null || users.fetchAdd(-1) == 1;
  }

  /// Returns whether there is more than one user.
  boolean shared() {
    LongCell users = mapcount;
    return users != null && users.readOnce() > 1;
  }

  /// Gives the frame back to the allocator.
  void free() {
    contents.writeOnce(Contents.FREE);
    state = State.FREE;
    life.free();
    observer.get().frameFreed(this);
  }

  /// Lets somebody else allocate the frame, if it is free: his data is in it from then on. For the
  /// rest of the machine, which is not modelled.
  ///
  /// @return whether it was free
  public boolean reuse() {
    if (Objects.requireNonNull(contents.readOnce()).state() != State.FREE) {
      return false;
    }
    contents.writeOnce(Contents.REUSED);
    state = State.REUSED;
    return true;
  }

  /// Returns what the frame is used for now, whoever asks. For invariants and reports.
  public State state() {
    return state;
  }

  /// Returns what is stored in the frame now, whoever asks. For invariants and reports.
  public long latest() {
    return Objects.requireNonNull(contents.latest()).data();
  }

  @Override
  public String toString() {
    return pfn.toString();
  }
}
