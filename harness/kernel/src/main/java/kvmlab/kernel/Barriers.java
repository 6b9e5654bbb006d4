// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import kvmlab.machine.Engine;
import kvmlab.machine.Fence;

/// Memory barriers, for static import.
///
/// @kernel Documentation/memory-barriers.txt
public final class Barriers {
  private Barriers() {}

  /// Orders every earlier access of the calling task before every later one.
  public static void smpMb() {
    Engine.current().fence(Fence.FULL);
  }

  /// Orders every earlier read of the calling task before every later read.
  public static void smpRmb() {
    Engine.current().fence(Fence.READ);
  }

  /// Orders every earlier write of the calling task before every later write.
  public static void smpWmb() {
    Engine.current().fence(Fence.WRITE);
  }
}
