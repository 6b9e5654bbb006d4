// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import kvmlab.machine.Kind;
import kvmlab.machine.StateHash;
import kvmlab.machine.Stateful;
import kvmlab.machine.Task;
import org.jspecify.annotations.Nullable;

/// The locks that a task holds, in the order in which it took them.
///
/// Parallel arrays, because this is written at every acquisition and read only when there is
/// something to report.
///
/// A mode says how a lock is held: {@link #EXCLUSIVE}, {@link #SHARED}, or {@link #RECURSIVE},
/// which is shared, too; plus the subclass of a nested acquisition.
///
/// @kernel include/linux/lockdep_types.h struct held_lock
final class HeldLocks implements Stateful {
  static final int EXCLUSIVE = 0;
  static final int SHARED = 1;

  /// Shared, and a reader is let in even when a writer waits.
  static final int RECURSIVE = 3;

  private static final int SUBCLASS_SHIFT = 2;

  private LockdepMap[] maps = new LockdepMap[4];
  private int[] modes = new int[4];
  private Kind[] kinds = new Kind[4];

  /// In which traced calls each was taken; null where no trace is recorded.
  private List<String> @Nullable [] calls;

  private int size;

  /// Returns `mode` for an acquisition of that subclass.
  static int nested(int mode, long subclass) {
    return mode | (int) subclass << SUBCLASS_SHIFT;
  }

  static int subclass(int mode) {
    return mode >> SUBCLASS_SHIFT;
  }

  static boolean shared(int mode) {
    return (mode & SHARED) != 0;
  }

  static boolean recursive(int mode) {
    return (mode & RECURSIVE) == RECURSIVE;
  }

  int size() {
    return size;
  }

  LockdepMap map(int at) {
    return maps[at];
  }

  int mode(int at) {
    return modes[at];
  }

  void add(LockdepMap map, int mode, Kind kind, Task task) {
    if (size == maps.length) {
      maps = Arrays.copyOf(maps, size * 2);
      modes = Arrays.copyOf(modes, size * 2);
      kinds = Arrays.copyOf(kinds, size * 2);
    }
    maps[size] = map;
    modes[size] = mode;
    kinds[size] = kind;
    if (!task.calls().isEmpty() || calls != null) {
      List<String>[] wide = calls == null ? lists(maps.length) : Arrays.copyOf(calls, maps.length);
      wide[size] = task.calls();
      calls = wide;
    }
    size++;
  }

  /// Forgets the last acquisition of a lock: one for reading may be held twice.
  void remove(LockdepMap map) {
    int at = last(map);
    if (at < 0) {
      return;
    }
    int behind = --size - at;
    if (behind > 0) {
      System.arraycopy(maps, at + 1, maps, at, behind);
      System.arraycopy(modes, at + 1, modes, at, behind);
      System.arraycopy(kinds, at + 1, kinds, at, behind);
      if (calls != null) {
        System.arraycopy(calls, at + 1, calls, at, behind);
      }
    }
  }

  /// Notes that a lock that was held exclusively is held for reading from now on.
  void downgrade(LockdepMap map) {
    int at = last(map);
    if (at >= 0) {
      modes[at] |= SHARED;
    }
  }

  private int last(LockdepMap map) {
    for (int at = size - 1; at >= 0; at--) {
      if (maps[at] == map) {
        return at;
      }
    }
    return -1;
  }

  HeldLock get(int at) {
    List<String> in = calls == null ? null : calls[at];
    return new HeldLock(maps[at], modes[at], kinds[at], in == null ? List.of() : in);
  }

  @Override
  public void describe(StateHash into) {
    into.addSet(IntStream.range(0, size).mapToObj(this::get).toList());
  }

  @SuppressWarnings("unchecked")
  private static List<String>[] lists(int length) {
    return (List<String>[]) new List<?>[length];
  }

  /// Returns the names of the locks; read sections are none.
  List<String> locks() {
    List<String> names = new ArrayList<>(size);
    for (int at = 0; at < size; at++) {
      if (!maps[at].readSection()) {
        names.add(maps[at].name());
      }
    }
    return names;
  }

  /// Returns the lines of a report that name every lock held by `task`; none when it holds none.
  ///
  /// @kernel kernel/locking/lockdep.c lockdep_print_held_locks()
  List<String> describe(Task task) {
    List<String> lines = new ArrayList<>();
    if (size == 0) {
      return lines;
    }
    lines.add(size + (size == 1 ? " lock" : " locks") + " held by " + task + ":");
    for (int at = 0; at < size; at++) {
      HeldLock lock = get(at);
      lines.add(" #" + at + ": " + lock.spelling() + Splat.in(lock.calls()));
    }
    return lines;
  }
}
