// SPDX-License-Identifier: MIT
package kvmlab.kvm.design;

import kvmlab.kvm.KvmOps;
import kvmlab.kvm.LockOnHit;

/// The designs, in the order in which the thread came to them.
public enum Design {
  /// `mmu_lock` for every range.
  UNCONDITIONAL("mmu_lock always", "the state of things", "Linux 5.12", KvmOps.reference()),

  /// `mmu_lock` on a hit, and no freeze: what every other design starts from.
  UNFROZEN(
      "mmu_lock on a hit",
      "never posted: patch 16 without its lock",
      "20210326021957.1424875-17-seanjc@google.com",
      KvmOps.reference().with(LockOnHit::new).with(Unfrozen::new)),

  /// The semaphore, as posted.
  RWSEM_V1(
      "rw_semaphore, v1",
      "26 March 2021",
      "20210326021957.1424875-17-seanjc@google.com",
      KvmOps.reference().with(LockOnHit::new).with(RwsemV1::new)),

  /// The lock of the mail that this course begins with.
  RWLOCK(
      "rwlock_t",
      "31 March 2021, withdrawn the same day",
      "YGTRzf/4i9Y8XR2c@google.com",
      KvmOps.reference().with(LockOnHit::new).with(RwlockAcross::new)),

  /// The semaphore without conditions on the configuration.
  RWSEM_V2(
      "rw_semaphore, v2",
      "2 April 2021",
      "20210402005658.3024832-10-seanjc@google.com",
      KvmOps.reference().with(LockOnHit::new).with(RwsemV2::new)),

  /// The count under a spinlock, and the wait.
  ACTIVE_COUNT(
      "count and rcuwait",
      "merged for Linux 5.15",
      "52ac8b358b0c, 071064f14d87",
      KvmOps.reference().with(LockOnHit::new).with(ActiveCount::new));

  private final String title;
  private final String when;
  private final String source;
  private final KvmOps ops;

  Design(String title, String when, String source, KvmOps ops) {
    this.title = title;
    this.when = when;
    this.source = source;
    this.ops = ops;
  }

  /// Returns what the thread calls it.
  public String title() {
    return title;
  }

  /// Returns when it was proposed, and what became of it.
  public String when() {
    return when;
  }

  /// Returns where it stands: a message id, commits, or a release.
  public String source() {
    return source;
  }

  /// Returns the VM that has it.
  public KvmOps ops() {
    return ops;
  }
}
