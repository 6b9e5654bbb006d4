// SPDX-License-Identifier: MIT
package kvmlab.mm;

import static kvmlab.kernel.Errno.EAGAIN;

import kvmlab.kernel.Sched;

/// A subscriber that waits in start until a device has let go of the memory, for as long as the
/// device takes. Where it must not wait it fails, so it has no end.
///
/// Simplified: the device is done at once. That hides nothing, since sleeping is reported where it
/// may happen, not where it does.
///
/// @kernel drivers/gpu/drm/radeon/radeon_mn.c radeon_mn_invalidate()
public final class FenceNotifier implements MmuNotifierOps {

  @Override
  public int invalidateRangeStart(MmuNotifierRange range) {
    if (!range.blockable()) {
      return -EAGAIN;
    }
    Sched.mightSleep("dma_fence_wait");
    return 0;
  }

  @Override
  public void invalidateRangeEnd(MmuNotifierRange range) {
    throw new IllegalStateException("it has none");
  }

  @Override
  public boolean hasInvalidateRangeEnd() {
    return false;
  }
}
