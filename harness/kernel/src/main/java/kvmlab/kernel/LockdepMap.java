// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import java.util.Arrays;
import kvmlab.machine.Engine;
import kvmlab.machine.Kind;
import kvmlab.machine.Task;

/// What lockdep knows a lock by: its class, which all locks of one kernel name and type share.
///
/// Every lock has one. One that stands alone is no lock at all, but a note that a task is inside
/// something: what is held when it is acquired, and what is acquired while it is held, gets its
/// place in the order of the locks. Nobody ever waits for it.
///
/// @kernel include/linux/lockdep_types.h struct lockdep_map
public final class LockdepMap {

  private enum Note implements Kind {
    ACQUIRE;

    @Override
    public String word() {
      return "lock_map_acquire";
    }
  }

  private final String name;
  private final Class<?> type;
  private final boolean spinning;

  /// The numbers of its classes in the graph of this execution: that of plain acquisitions, and
  /// those of subclasses 1, 2 and so on; -1 where unknown.
  private int plainClass = -1;

  private int[] nestedClasses = {};

  /// @param type what shares its classes: the type of the lock
  /// @param spinning whether its holder must not sleep
  LockdepMap(String name, Class<?> type, boolean spinning) {
    this.name = name;
    this.type = type;
    this.spinning = spinning;
  }

  /// Declares a map that stands alone.
  public LockdepMap(String name) {
    this(name, LockdepMap.class, false);
  }

  /// Notes that the calling task is inside.
  ///
  /// @kernel include/linux/lockdep.h lock_map_acquire()
  public void acquire() {
    Task task = Engine.current().task();
    TaskStruct struct = TaskStruct.of(task);
    struct.requested(task, this, HeldLocks.EXCLUSIVE, Note.ACQUIRE);
    struct.held().add(this, HeldLocks.EXCLUSIVE, Note.ACQUIRE, task);
  }

  /// Notes that the calling task has come out.
  ///
  /// @kernel include/linux/lockdep.h lock_map_release()
  public void release() {
    TaskStruct.current().held().remove(this);
  }

  String name() {
    return name;
  }

  /// Returns whether its holder must not sleep.
  boolean spinning() {
    return spinning;
  }

  /// Returns whether it stands for the read sections of a grace-period domain.
  boolean readSection() {
    return type == SrcuStruct.class;
  }

  /// Returns the number of the class, in the graph of this execution.
  int lockClass(Lockdep lockdep, int subclass) {
    if (subclass == 0) {
      if (plainClass < 0) {
        plainClass = lockdep.register(this, 0);
      }
      return plainClass;
    }
    if (subclass > nestedClasses.length) {
      int known = nestedClasses.length;
      nestedClasses = Arrays.copyOf(nestedClasses, subclass);
      Arrays.fill(nestedClasses, known, subclass, -1);
    }
    if (nestedClasses[subclass - 1] < 0) {
      nestedClasses[subclass - 1] = lockdep.register(this, subclass);
    }
    return nestedClasses[subclass - 1];
  }

  /// Returns whether locks of both maps, taken in one subclass, are of one class.
  boolean sameClass(LockdepMap other) {
    return type == other.type && name.equals(other.name);
  }

  @Override
  public String toString() {
    return name;
  }
}
