// SPDX-License-Identifier: MIT
package ex99;

import kvmlab.kernel.Lockdep;
import kvmlab.kernel.LongCell;
import kvmlab.kernel.Mutex;
import kvmlab.lab.Scenario;
import kvmlab.lab.World;

/// Two tasks take two mutexes in opposite orders.
public final class LocksInBothOrders implements Scenario {

  @Override
  public void build(World world) {
    // The scenario is about the deadlock itself, not about the warning before it.
    Lockdep.proveLocking(false);
    Mutex one = Mutex.define("one");
    Mutex other = Mutex.define("other");
    LongCell seen = new LongCell("seen", 0);
    world.task(
        "CPU 0 (one first)",
        () -> {
          one.lock();
          other.lock();
          seen.writeOnce(1);
          other.unlock();
          one.unlock();
        });
    world.task(
        "CPU 1 (other first)",
        () -> {
          other.lock();
          one.lock();
          seen.readOnce();
          one.unlock();
          other.unlock();
        });
  }
}
