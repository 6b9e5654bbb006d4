// SPDX-License-Identifier: MIT
package ex02;

import kvmlab.explore.MemoryModel;
import kvmlab.lab.Scenario;
import kvmlab.lab.World;

/// The race of [FaultRacesUnmap] on memory that is as weak as the kernel's model allows: a read may
/// return an old value, unless something orders it.
public final class LookupOvertakesSnapshot implements Scenario {

  @Override
  public void build(World world) {
    new FaultRacesUnmap().build(world);
  }

  @Override
  public MemoryModel model() {
    return MemoryModel.LKMM;
  }
}
