// SPDX-License-Identifier: MIT
package kvmlab.explore;

import kvmlab.machine.Location;
import kvmlab.machine.Stamp;
import kvmlab.machine.Task;
import org.jspecify.annotations.Nullable;

/// A location under sequential consistency: a read returns the newest value.
final class NewestLocation extends ExploredLocation {
  private Object value;

  /// How often the value has been written.
  private long version;

  private @Nullable Stamp released;

  NewestLocation(Execution execution, String name, Object initial) {
    super(execution, name);
    this.value = initial;
  }

  @Override
  public Object latest() {
    return value;
  }

  @Override
  boolean remembers() {
    return false;
  }

  @Override
  void store(ExploredTask task, Object stored) {
    value = stored;
    version++;
  }

  long version() {
    return version;
  }

  @Override
  boolean changedSince(long seen, @Nullable Message message) {
    return version > seen;
  }

  @Override
  public boolean enabled(Task task) {
    ExploredTask explored = task(task);
    return explored.argument() == 0 || endsWait(explored, value, version);
  }

  /// Returns whether the pending event of `task`, which waits, could read this value.
  boolean endsWait(ExploredTask task, Object candidate, long candidateVersion) {
    return task.kind() == Access.AWAIT
        ? holds(task, candidate)
        : !task.spin.awaits(this) || candidateVersion > task.spin.awaitedVersion();
  }

  @Override
  public void execute(Task performer) {
    ExploredTask task = task(performer);
    Location.Access access = (Location.Access) task.kind();
    execution.commit(task);
    Object before = value;
    boolean racing = task.id() >= 0;
    boolean checked = racing && !task.byHardware;
    if (access.reads()) {
      if (checked) {
        races.markedRead(execution, task);
      }
      task.value = before;
    }
    Object after = access == Access.UPDATE ? apply(task, before) : task.operand;
    boolean stores = access.writes() && after != UNCHANGED;
    // Order matters: an update first acquires what it reads, then releases it with its own.
    if (access.reads() && after != UNCHANGED && task.order.acquires() && released != null) {
      execution.observe(task, released);
    }
    if (stores) {
      if (checked) {
        races.markedWrite(execution, task, after);
      }
      value = after;
      version++;
      task.spin.acted();
      if (task.order.releases()) {
        Stamp now = execution.publish(task);
        released = access == Access.UPDATE && released != null ? released.join(now) : now;
      } else if (access == Access.WRITE) {
        released = null;
      }
    } else if (racing && access != Access.AWAIT) {
      task.spin.looked(this, version, null);
    }
  }
}
