// SPDX-License-Identifier: MIT
package kvmlab.machine;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// One line of a trace.
///
/// @param task the task that moved, as an index into {@link Trace#tasks}
/// @param kind what the line tells
/// @param depth how many traced calls enclose the line
/// @param text the event in C spelling, for example `write_lock(mmu_lock)`
/// @param object the lock or location, or null where there is none
/// @param value the value read or written, or what became of a lock: `acquired`, `released`,
///   `waits`, `granted`; null where there is none
/// @param stale whether a read returned an older value than the newest
/// @param place where in the watched code, `ex02/RetryingFault.java:41`; null where in none
/// @param changes what stands otherwise than after the line before
public record TraceEvent(
    int task,
    Kind kind,
    int depth,
    String text,
    @Nullable String object,
    @Nullable String value,
    boolean stale,
    @Nullable String place,
    List<ObjectState> changes) {

  public TraceEvent {
    changes = List.copyOf(changes);
  }

  /// What a line tells.
  public enum Kind {
    CALL,
    RETURN,
    SYNC,
    READ,
    WRITE,
    FENCE,
    NOTE
  }
}
