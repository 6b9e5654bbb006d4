// SPDX-License-Identifier: MIT
package kvmlab.bench.notifier;

/// Memslots that change at any time: an invalidation may see one set at its start and another at
/// its end.
final class NoGuard implements MemslotsGuard {

  @Override
  public void enterInvalidation() {}

  @Override
  public void leaveInvalidation() {}

  @Override
  public void beginPublication() {}

  @Override
  public void endPublication() {}
}
