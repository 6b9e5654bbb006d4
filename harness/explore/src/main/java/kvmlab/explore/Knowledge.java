// SPDX-License-Identifier: MIT
package kvmlab.explore;

/// What one task knows of a memory that keeps older values: its views, each a lower bound by
/// location; see {@link ViewLocation} for how accesses use and move them.
///
/// - `current`: what its reads must not go below (read after read, coherence);
/// - `observed`: all it has seen; what its writes must not go below, and what `current` becomes by
///   an acquire or `smp_rmb`;
/// - `released`: what a relaxed write of it carries to readers, raised by `smp_wmb`;
/// - `own`: what `smp_wmb` publishes, which is its own writes and what it got through locks;
/// - `unlocked`, `unlockedOwn`: `observed` and `own` at its last unlock, for the order that a lock
///   hand-over gives to third parties (`po-unlock-lock-po`);
/// - `global`: writes that have reached every CPU, because a full barrier came after them.
final class Knowledge {
  Message[] current = Views.NONE;
  Message[] observed = Views.NONE;
  Message[] released = Views.NONE;
  Message[] own = Views.NONE;
  Message[] global = Views.NONE;
  private Message[] unlocked = Views.NONE;
  private Message[] unlockedOwn = Views.NONE;

  /// How many writes the task has made.
  int writes;

  /// The task has read `source`.
  void read(Message source) {
    current = Views.with(current, source);
    observed = Views.with(observed, source);
  }

  /// The task learns what comes with a message of another one.
  void learn(Message source, boolean acquires) {
    global = Views.join(global, source.global);
    Message[] learnt = Views.join(source.view, source.global);
    observed = Views.join(observed, learnt);
    if (acquires) {
      current = Views.join(current, learnt);
    }
  }

  /// The task has written `message`.
  void wrote(Message message) {
    current = Views.with(current, message);
    observed = Views.with(observed, message);
  }

  void readBarrier() {
    current = Views.join(current, observed);
  }

  void writeBarrier() {
    released = Views.join(released, own);
  }

  /// The task passes a full barrier; returns what has passed one by now.
  Message[] fullBarrier(Message[] passed) {
    Message[] all = Views.join(observed, passed);
    current = all;
    observed = all;
    // Every message carries this, as it carries what is released.
    global = all;
    return all;
  }

  void acquire(Published published) {
    global = Views.join(global, published.global());
    current = Views.join(current, published.observed());
    observed = Views.join(observed, published.observed());
  }

  void unlock() {
    unlocked = observed;
    unlockedOwn = own;
    own = Views.join(own, observed);
  }

  void lock(Published published) {
    acquire(published);
    current = Views.join(current, unlocked);
    released = Views.join(released, Views.join(unlockedOwn, published.own()));
    own = Views.join(own, released);
  }
}
