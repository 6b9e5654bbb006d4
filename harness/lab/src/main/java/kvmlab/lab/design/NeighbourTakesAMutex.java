// SPDX-License-Identifier: MIT
package kvmlab.lab.design;

import com.google.auto.service.AutoService;
import kvmlab.kernel.Mutex;
import kvmlab.kvm.KvmOps;
import kvmlab.lab.World;
import kvmlab.mm.MmuNotifierOps;
import kvmlab.mm.MmuNotifierRange;

/// Another subscriber of the address space takes a mutex in its start, after the VM's.
@AutoService(Trial.class)
public final class NeighbourTakesAMutex extends Trial {
  public NeighbourTakesAMutex() {
    super("I18");
  }

  @Override
  protected void build(World world, KvmOps ops) {
    Mutex mutex = Mutex.define("driver_lock");
    // The newest subscriber is called first, so this one is called after the VM.
    world.mm().mmuNotifierRegister(new Neighbour(mutex));
    world.vm(ops, 2);
    world.task("CPU 0 (madvise)", () -> section(world, H1));
  }

  private record Neighbour(Mutex mutex) implements MmuNotifierOps {
    @Override
    public int invalidateRangeStart(MmuNotifierRange range) {
      mutex.lock();
      mutex.unlock();
      return 0;
    }

    @Override
    public void invalidateRangeEnd(MmuNotifierRange range) {}
  }
}
