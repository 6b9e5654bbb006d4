// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import static kvmlab.kernel.Watched.found;
import static kvmlab.kernel.Watched.foundIn;
import static kvmlab.kernel.Watched.silent;
import static kvmlab.kernel.Watched.silentIn;
import static org.assertj.core.api.Assertions.assertThat;

import kvmlab.machine.Program;
import kvmlab.machine.Violation;
import org.junit.jupiter.api.Test;

/// Lock orders that can deadlock are reported, whether or not they do; all others are not.
class LockdepTest {

  private static void nest(Spinlock outer, Spinlock inner) {
    outer.lock();
    inner.lock();
    inner.unlock();
    outer.unlock();
  }

  /// Two tasks, one after the other: the first releases what the second waits for.
  private static Program inTurn(Runnable first, Runnable second) {
    return setup -> {
      LongCell turn = new LongCell("turn", 0);
      setup.task(
          "CPU 0",
          () -> {
            first.run();
            turn.smpStoreRelease(1);
          });
      setup.task(
          "CPU 1",
          () -> {
            turn.smpCondLoadAcquire(value -> value == 1);
            second.run();
          });
    };
  }

  @Test
  void inversionIsFoundWhereNobodyEverWaits() {
    Violation violation =
        found(setup -> {
          Spinlock one = Spinlock.define("mmu_lock");
          Spinlock other = Spinlock.define("page_table_lock");
          inTurn(() -> nest(one, other), () -> nest(other, one)).build(setup);
        });
    assertThat(violation.kind()).isEqualTo(Violation.Kind.MISUSE);
    assertThat(violation.invariant()).isEqualTo("I23");
    assertThat(violation.seen())
        .isEqualTo(
            "CPU 1 takes mmu_lock while holding page_table_lock;"
                + " CPU 0 takes page_table_lock while holding mmu_lock");
  }

  @Test
  void reportHasTheShapeOfLockdeps() {
    Violation violation =
        found(setup -> {
          Mutex slots = Mutex.define("slots_lock");
          Mutex vcpu = Mutex.define("vcpu->mutex");
          inTurn(
                  () -> {
                    try (var _ = Ktrace.call(() -> "KVM_SET_USER_MEMORY_REGION(slot 0)")) {
                      slots.lock();
                      vcpu.lock();
                      vcpu.unlock();
                      slots.unlock();
                    }
                  },
                  () -> {
                    try (var _ = Ktrace.call(() -> "KVM_RUN")) {
                      vcpu.lock();
                      try (var _ = Ktrace.call(() -> "direct_page_fault(g0)")) {
                        slots.lock();
                        slots.unlock();
                      }
                      vcpu.unlock();
                    }
                  })
              .build(setup);
        });
    assertThat(String.join("\n", violation.report()))
        .isEqualTo(
            """
            ======================================================
            WARNING: possible circular locking dependency detected
            ------------------------------------------------------
            CPU 1 is trying to acquire lock:
             mutex_lock(slots_lock)
              in direct_page_fault(g0)
              in KVM_RUN

            but task is already holding lock:
             mutex_lock(vcpu->mutex)
              in KVM_RUN

            which lock already depends on the new lock.

            the existing dependency chain (in reverse order) is:

            -> #1: CPU 0
             mutex_lock(vcpu->mutex)
              in KVM_SET_USER_MEMORY_REGION(slot 0)
             while holding
             mutex_lock(slots_lock)
              in KVM_SET_USER_MEMORY_REGION(slot 0)

            -> #0: CPU 1, mutex_lock(slots_lock), now

             Possible unsafe locking scenario:

                   CPU0                    CPU1
                   ----                    ----
              lock(vcpu->mutex);
                                           lock(slots_lock);
                                           lock(vcpu->mutex);
              lock(slots_lock);

             *** DEADLOCK ***

            1 lock held by CPU 1:
             #0: mutex_lock(vcpu->mutex), in KVM_RUN\
            """);
  }

  @Test
  void cycleOfThreeNamesTheWholeChain() {
    Violation violation =
        foundIn(() -> {
          Spinlock a = Spinlock.define("a");
          Spinlock b = Spinlock.define("b");
          Spinlock c = Spinlock.define("c");
          nest(a, b);
          nest(b, c);
          nest(c, a);
        });
    assertThat(violation.seen())
        .isEqualTo(
            "CPU 0 takes a while holding c; CPU 0 takes b while holding a,"
                + " CPU 0 takes c while holding b");
    assertThat(violation.report()).contains("Chain exists of:", "  a --> b --> c");
  }

  @Test
  void oneOrderEverywhereIsFine() {
    silent(setup -> {
      Spinlock one = Spinlock.define("one");
      Spinlock other = Spinlock.define("other");
      setup.task("CPU 0", () -> nest(one, other));
      setup.task("CPU 1", () -> nest(one, other));
    });
  }

  @Test
  void lockTakenAgainAfterItsReleaseIsNoInversion() {
    silentIn(() -> {
      Spinlock one = Spinlock.define("one");
      Spinlock other = Spinlock.define("other");
      one.lock();
      one.unlock();
      nest(one, other);
      other.lock();
      other.unlock();
      one.lock();
      one.unlock();
    });
  }

  @Test
  void handOverHandIsNoInversion() {
    silentIn(() -> {
      Spinlock one = Spinlock.define("one");
      Spinlock other = Spinlock.define("other");
      // Released in the order of the acquisitions, not the other way round.
      one.lock();
      other.lock();
      one.unlock();
      other.unlock();
    });
  }

  @Test
  void trylockWaitsForNobody() {
    silentIn(() -> {
      Spinlock one = Spinlock.define("one");
      Spinlock other = Spinlock.define("other");
      nest(one, other);
      other.lock();
      assertThat(one.trylock()).isTrue();
      one.unlock();
      other.unlock();
    });
  }

  @Test
  void lockIsOrderedBehindOneThatATrylockGot() {
    Violation violation =
        foundIn(() -> {
          Spinlock one = Spinlock.define("one");
          Spinlock other = Spinlock.define("other");
          nest(one, other);
          other.trylock();
          one.lock();
        });
    assertThat(violation.invariant()).isEqualTo("I23");
  }

  @Test
  void downgradeIsNoAcquisition() {
    silentIn(() -> {
      RwSemaphore semaphore = RwSemaphore.define("mmap_lock");
      Spinlock lock = Spinlock.define("page_table_lock");
      semaphore.downWrite();
      lock.lock();
      semaphore.downgradeWrite();
      lock.unlock();
      semaphore.upRead();
    });
  }

  @Test
  void downgradedLockIsStillHeld() {
    Violation violation =
        foundIn(() -> {
          RwSemaphore semaphore = RwSemaphore.define("mmap_lock");
          Mutex mutex = Mutex.define("slots_lock");
          semaphore.downWrite();
          semaphore.downgradeWrite();
          mutex.lock();
          semaphore.upRead();
          semaphore.downRead();
        });
    assertThat(violation.invariant()).isEqualTo("I23");
  }

  @Test
  void everyLockHeldComesFirstAndNotTheLastOneOnly() {
    Violation violation =
        foundIn(() -> {
          Spinlock outer = Spinlock.define("outer");
          Spinlock tried = Spinlock.define("tried");
          Spinlock inner = Spinlock.define("inner");
          outer.lock();
          tried.trylock();
          inner.lock();
          tried.unlock();
          outer.unlock();
          outer.lock();
        });
    assertThat(violation.seen())
        .isEqualTo("CPU 0 takes outer while holding inner; CPU 0 takes inner while holding outer");
  }

  @Test
  void readersOfAFairLockDependOnEachOther() {
    // Two readers in both orders, and two writers who come in between: nobody moves.
    Violation violation =
        found(setup -> {
          RwSemaphore one = RwSemaphore.define("one");
          RwSemaphore other = RwSemaphore.define("other");
          setup.task("CPU 0", () -> read(one, other));
          setup.task("CPU 1", () -> read(other, one));
        });
    assertThat(violation.invariant()).isEqualTo("I23");
    assertThat(violation.report()).contains("  rlock(other);");
  }

  private static void read(RwSemaphore outer, RwSemaphore inner) {
    outer.downRead();
    inner.downRead();
    inner.upRead();
    outer.upRead();
  }

  @Test
  void readerDoesNotQueueBehindAWriterWhileReading() {
    Violation violation =
        foundIn(() -> {
          RwSemaphore lock = RwSemaphore.define("mmu_notifier_slots_lock");
          read(lock, lock);
        });
    assertThat(violation.invariant()).isEqualTo("I23");
    assertThat(violation.seen())
        .isEqualTo(
            "CPU 0 takes mmu_notifier_slots_lock twice;"
                + " a writer that comes in between blocks both");
    assertThat(violation.report()).contains("WARNING: possible recursive locking detected");
  }

  @Test
  void lockIsNotTakenTwice() {
    Violation violation =
        foundIn(() -> {
          Spinlock lock = Spinlock.define("mmu_lock");
          nest(lock, lock);
        });
    assertThat(violation.invariant()).isEqualTo("I26");
    assertThat(violation.expected()).isEqualTo("CPU 0 takes mmu_lock once");
    assertThat(violation.report()).contains("WARNING: possible recursive locking detected");
  }

  @Test
  void locksOfOneClassAreNotNested() {
    Violation violation =
        foundIn(() -> nest(Spinlock.define("mmu_lock"), Spinlock.define("mmu_lock")));
    assertThat(violation.invariant()).isEqualTo("I23");
    assertThat(violation.report()).contains(" May be due to missing lock nesting notation");
  }

  @Test
  void annotationAllowsToNestThem() {
    silentIn(() -> {
      for (int again = 0; again < 2; again++) {
        Spinlock outer = Spinlock.define("mmu_lock");
        Spinlock inner = Spinlock.define("mmu_lock");
        outer.lock();
        inner.lockNested(1);
        inner.unlock();
        outer.unlock();
        RwSemaphore first = RwSemaphore.define("mmap_lock");
        RwSemaphore second = RwSemaphore.define("mmap_lock");
        first.downWrite();
        second.downWriteNested(1);
        second.upWrite();
        first.upWrite();
        first.downRead();
        second.downReadNested(1);
        second.upRead();
        first.upRead();
        RwLock parent = RwLock.define("lock");
        RwLock child = RwLock.define("lock");
        parent.writeLock();
        child.writeLockNested(1);
        child.writeUnlock();
        parent.writeUnlock();
      }
    });
  }

  @Test
  void annotationDoesNotHideAnInversion() {
    Violation violation =
        foundIn(() -> {
          Spinlock outer = Spinlock.define("mmu_lock");
          Spinlock inner = Spinlock.define("mmu_lock");
          outer.lock();
          inner.lockNested(1);
          outer.unlock();
          outer.lock();
        });
    assertThat(violation.seen()).contains("CPU 0 takes mmu_lock while holding mmu_lock");
  }

  @Test
  void locksOfOneNameAndDifferentTypesAreDifferent() {
    silentIn(() -> {
      Mutex mutex = Mutex.define("lock");
      Spinlock spinlock = Spinlock.define("lock");
      mutex.lock();
      spinlock.lock();
      spinlock.unlock();
      mutex.unlock();
    });
  }

  @Test
  void lockOfAReaderIsNotHeldAcrossItsGracePeriod() {
    // Neither waits in this order, so there is no deadlock to be seen.
    Violation violation =
        found(setup -> {
          SrcuStruct srcu = SrcuStruct.define("kvm->srcu");
          Mutex slots = Mutex.define("slots_lock");
          inTurn(
                  () -> {
                    int index = srcu.readLock();
                    slots.lock();
                    slots.unlock();
                    srcu.readUnlock(index);
                  },
                  () -> {
                    slots.lock();
                    srcu.synchronize();
                    slots.unlock();
                  })
              .build(setup);
        });
    assertThat(violation.invariant()).isEqualTo("I23");
    assertThat(violation.seen())
        .isEqualTo(
            "CPU 1 takes kvm->srcu while holding slots_lock;"
                + " CPU 0 takes slots_lock while holding kvm->srcu");
  }

  @Test
  void readSectionUnderTheLockOfAnUpdaterIsFine() {
    silent(setup -> {
      SrcuStruct srcu = SrcuStruct.define("kvm->srcu");
      Mutex slots = Mutex.define("slots_lock");
      inTurn(
              () -> {
                slots.lock();
                int outer = srcu.readLock();
                int inner = srcu.readLock();
                srcu.readUnlock(inner);
                srcu.readUnlock(outer);
                slots.unlock();
              },
              () -> {
                slots.lock();
                srcu.synchronize();
                slots.unlock();
              })
          .build(setup);
    });
  }

  @Test
  void readSectionsAndALockInBothOrdersAreFineWithoutAGracePeriod() {
    silentIn(() -> {
      SrcuStruct srcu = SrcuStruct.define("kvm->srcu");
      Mutex lock = Mutex.define("lock");
      int index = srcu.readLock();
      lock.lock();
      srcu.readUnlock(index);
      index = srcu.readLock();
      lock.unlock();
      srcu.readUnlock(index);
    });
  }

  @Test
  void notedSectionIsPartOfTheOrder() {
    Violation violation =
        foundIn(() -> {
          LockdepMap start = new LockdepMap("mmu_notifier_invalidate_range_start");
          RwSemaphore lock = RwSemaphore.define("mmu_notifier_slots_lock");
          start.acquire();
          lock.downRead();
          start.release();
          // Held from one callback to the next.
          start.acquire();
        });
    assertThat(violation.invariant()).isEqualTo("I23");
    assertThat(violation.seen())
        .startsWith(
            "CPU 0 takes mmu_notifier_invalidate_range_start while holding"
                + " mmu_notifier_slots_lock");
  }

  @Test
  void proofCanBeTurnedOff() {
    silent(setup -> {
      Lockdep.proveLocking(false);
      Spinlock one = Spinlock.define("one");
      Spinlock other = Spinlock.define("other");
      inTurn(() -> nest(one, other), () -> nest(other, one)).build(setup);
    });
  }

  @Test
  void lockIsInitialisedBeforeItsFirstUse() {
    Violation violation =
        found(setup -> {
          RwSemaphore lock = new RwSemaphore("mmu_notifier_slots_lock");
          setup.task("CPU 0 (create)", lock::init);
          setup.task(
              "CPU 1 (munmap)",
              () -> {
                lock.downRead();
                lock.upRead();
              });
        });
    assertThat(violation.invariant()).isEqualTo("I25");
    assertThat(violation.seen()).contains("down_read(mmu_notifier_slots_lock) before any");
  }

  @Test
  void lockIsReleasedByItsOwner() {
    Violation violation =
        found(setup -> {
          Spinlock lock = Spinlock.define("mmu_lock");
          LongCell turn = new LongCell("turn", 0);
          setup.task(
              "CPU 0",
              () -> {
                lock.lock();
                turn.smpStoreRelease(1);
                turn.smpCondLoadAcquire(value -> value == 2);
              });
          setup.task(
              "CPU 1",
              () -> {
                turn.smpCondLoadAcquire(value -> value == 1);
                lock.unlock();
              });
        });
    assertThat(violation.invariant()).isEqualTo("I26");
    assertThat(violation.seen()).isEqualTo("CPU 1 releases it, held by CPU 0");
    assertThat(violation.report())
        .contains("WARNING: bad unlock balance detected!", "no locks held by CPU 1.");
  }

  @Test
  void lockIsReleasedBeforeTheTaskEnds() {
    Violation violation =
        foundIn(() -> {
          Spinlock lock = Spinlock.define("mmu_lock");
          try (var _ = Ktrace.call(() -> "direct_page_fault(g0)")) {
            lock.lock();
          }
        });
    assertThat(violation.invariant()).isEqualTo("I26");
    assertThat(violation.seen())
        .isEqualTo("CPU 0 ends after spin_lock(mmu_lock) without the release");
    assertThat(violation.report())
        .containsExactly(
            "================================================",
            "WARNING: lock held when returning to user space!",
            "------------------------------------------------",
            "CPU 0 is leaving the kernel with locks still held!",
            "1 lock held by CPU 0:",
            " #0: spin_lock(mmu_lock), in direct_page_fault(g0)");
  }

  @Test
  void orderThatTheProtocolRulesOutNeedsNoCycle() {
    Violation violation =
        foundIn(() -> {
          Spinlock outer = Spinlock.define("mmu_lock");
          Mutex inner = Mutex.define("slots_lock");
          Lockdep.forbid(new ForbiddenOrder("slots_lock", "mmu_lock", "I21", "the rule"));
          try (var _ = Ktrace.call(() -> "ioctl")) {
            inner.lock();
            outer.lock();
          }
        });
    assertThat(violation.invariant()).isEqualTo("I21");
    assertThat(violation.expected()).isEqualTo("the rule");
    assertThat(violation.seen()).isEqualTo("CPU 0 takes mmu_lock while holding slots_lock");
    assertThat(violation.report())
        .containsExactly(
            "=============================",
            "WARNING: invalid lock nesting",
            "-----------------------------",
            "CPU 0 is trying to acquire lock:",
            " spin_lock(mmu_lock)",
            "  in ioctl",
            "",
            "but task is already holding lock:",
            " mutex_lock(slots_lock)",
            "  in ioctl",
            "",
            "1 lock held by CPU 0:",
            " #0: mutex_lock(slots_lock), in ioctl");
  }

  @Test
  void otherOrdersStayAllowed() {
    silentIn(() -> {
      Spinlock lock = Spinlock.define("mmu_lock");
      SrcuStruct srcu = SrcuStruct.define("kvm->srcu");
      Lockdep.forbid(new ForbiddenOrder("mmu_lock", "kvm->srcu", "I24", "the rule"));
      srcu.readLock();
      lock.lock();
      // Nobody ever waits to open a read section.
      srcu.readLock();
      srcu.readUnlock(1);
      lock.unlock();
      srcu.readUnlock(0);
    });
  }

  @Test
  void locksThatAreHeldAreNamedWithoutReadSections() {
    silentIn(() -> {
      SrcuStruct srcu = SrcuStruct.define("kvm->srcu");
      Mutex outer = Mutex.define("slots_lock");
      Spinlock inner = Spinlock.define("mmu_lock");
      int index = srcu.readLock();
      outer.lock();
      inner.lock();
      assertThat(Lockdep.held()).containsExactly("slots_lock", "mmu_lock");
      inner.unlock();
      outer.unlock();
      srcu.readUnlock(index);
      assertThat(Lockdep.held()).isEmpty();
    });
  }
}
