// SPDX-License-Identifier: MIT
package kvmlab.mm;

import static kvmlab.kernel.Errno.EAGAIN;

import kvmlab.kernel.Mutex;

/// A subscriber that guards what it knows by a mutex, as a graphics driver does: it waits for the
/// mutex in start, drops its mappings, and lets go. Where it must not wait it fails, so it has no
/// end.
///
/// Beside a VM it shows what a VM must not do: hold a spinning lock while others are called.
///
/// @kernel drivers/gpu/drm/i915/gem/i915_gem_userptr.c userptr_mn_invalidate_range_start()
public final class UserptrNotifier implements MmuNotifierOps {
  private final Mutex mutex = Mutex.define("userptr->mutex");

  /// Returns the mutex, for a task that keeps it busy.
  public Mutex mutex() {
    return mutex;
  }

  @Override
  public int invalidateRangeStart(MmuNotifierRange range) {
    if (range.blockable()) {
      mutex.lock();
    } else if (!mutex.trylock()) {
      return -EAGAIN;
    }
    mutex.unlock();
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
