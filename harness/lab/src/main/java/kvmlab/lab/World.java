// SPDX-License-Identifier: MIT
package kvmlab.lab;

import kvmlab.machine.Setup;

/// What a scenario builds: a host, its virtual machines, and the tasks that race.
public final class World {
  private final Setup setup;

  /// Opens an empty world in the execution that `setup` belongs to.
  public World(Setup setup) {
    this.setup = setup;
  }

  /// Adds a task; `name` heads its column in reports.
  public void task(String name, Runnable body) {
    setup.task(name, body);
  }
}
