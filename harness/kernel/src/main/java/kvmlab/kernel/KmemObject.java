// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import java.util.Arrays;
import java.util.List;
import kvmlab.machine.Engine;
import kvmlab.machine.Task;
import org.jspecify.annotations.Nullable;

/// A piece of memory and its life: it is allocated, accessed, and freed once. KASAN watches it.
///
/// Neither an access nor the end of the life is an event, so watching costs no execution.
///
/// Safe for tasks that run at the same time.
///
/// @kernel mm/slab.h; mm/kasan/report.c
public final class KmemObject {

  // Why this misses nothing although it makes no events. In each explored order of events an access
  // is ordered before the end of the life, or it is not. If it is, no equivalent execution has them
  // the other way round. If it is not, one has, even if it is never run; so the pair is reported in
  // whichever order it comes, as the race that it is. What orders them is what orders plain
  // accesses: locks, wake-ups, grace periods, releases and acquires.

  private final Engine engine = Engine.current();
  private final String name;
  private final @Nullable String invariant;
  private final Use allocated;

  // Guarded by this.

  /// The last access of each task; null where there is none.
  private @Nullable Use[] accesses = new Use[4];

  private @Nullable Use freed;

  /// What a task did to the object.
  ///
  /// @param what in C spelling, or in words
  /// @param calls the traced calls in which it did so
  /// @param moment when: see [Engine#now]
  record Use(Task task, String what, List<String> calls, long moment) {}

  /// Notes that the calling task allocates an object.
  ///
  /// @param name how reports call it, for example `page frame f0`
  /// @param invariant the identifier of the invariant that a use after free breaks, or null
  public KmemObject(String name, @Nullable String invariant) {
    this.name = name;
    this.invariant = invariant;
    this.allocated = use("allocation");
  }

  /// Notes that the calling task reads or writes the object; reported when its life is over, or may
  /// be.
  ///
  /// @param what what the task does, as a report says it: `read`, `write`
  public void access(String what) {
    KasanReport found;
    synchronized (this) {
      Use access = use(what);
      int id = access.task().id();
      if (id >= accesses.length) {
        accesses = Arrays.copyOf(accesses, id + 4);
      }
      if (id >= 0) {
        accesses[id] = access;
      }
      found = freed == null ? null : new KasanReport(this, access, freed);
    }
    if (found != null) {
      engine.fail(found.useAfterFree(engine.precedes(found.freed().moment())));
    }
  }

  /// Notes that the calling task frees the object; reported when it is free already, or when some
  /// access may still come.
  public void free() {
    Use now;
    Use before;
    Use unordered = null;
    synchronized (this) {
      now = use("free");
      before = freed;
      for (Use access : accesses) {
        if (access != null && !engine.precedes(access.moment())) {
          unordered = access;
        }
      }
      freed = now;
    }
    if (before != null) {
      engine.fail(new KasanReport(this, now, before).doubleFree());
    }
    if (unordered != null) {
      engine.fail(new KasanReport(this, unordered, now).useAfterFree(false));
    }
  }

  /// Returns whether the object has been freed, whoever asks. For invariants and reports.
  public synchronized boolean freed() {
    return freed != null;
  }

  private Use use(String what) {
    Task task = engine.task();
    return new Use(task, what, task.calls(), engine.now());
  }

  @Nullable String invariant() {
    return invariant;
  }

  Use allocated() {
    return allocated;
  }

  @Override
  public String toString() {
    return name;
  }
}
