// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import java.util.Arrays;
import java.util.List;
import kvmlab.explore.Generated;
import kvmlab.explore.Subject;
import kvmlab.machine.Engine;
import kvmlab.machine.Setup;

/// A generated program over one object of each kind of primitive.
final class PrimitivesProgram implements Subject {
  private final List<List<Step>> code;
  private final Actor[] actors;
  private Shared shared;

  PrimitivesProgram(Generated<Step> program) {
    code = program.tasks();
    actors = new Actor[code.size()];
  }

  @Override
  public void build(Setup setup) {
    // The deadlocks themselves are wanted here, not the warning before them.
    Lockdep.proveLocking(false);
    shared = new Shared();
    for (int i = 0; i < actors.length; i++) {
      Actor actor = new Actor(shared, i);
      List<Step> steps = code.get(i);
      actors[i] = actor;
      setup.task("t" + i, () -> actor.run(steps));
    }
  }

  @Override
  public String outcome() {
    return Arrays.toString(actors)
        + shared.x.latest()
        + shared.y.latest()
        + shared.guarded.latest()
        + shared.together.latest();
  }

  private static final class Shared {
    final LongCell x = new LongCell("x", 0);
    final LongCell y = new LongCell("y", 0);
    final LongCell plain = new LongCell("plain", 0);
    final Spinlock spin = Spinlock.define("spin");
    final LongCell guarded = new LongCell("guarded", 0).guardedBy(spin);
    final Mutex mutex = Mutex.define("mutex");
    final RwLock rwlock = RwLock.define("rwlock");
    final RwSemaphore semaphore = RwSemaphore.define("semaphore");
    final LongCell together = new LongCell("together", 0).guardedBy(semaphore);
    final Completion nonOwner = new Completion("nonOwner");
    final SrcuStruct srcu = SrcuStruct.define("srcu");
    final Rcuwait rcuwait = new Rcuwait("rcuwait");
    final WaitQueueHead queue = new WaitQueueHead("queue");
    final Completion completion = new Completion("completion");
  }

  /// One task, with what it holds and what it has seen.
  private static final class Actor {
    private final Shared shared;
    private final int id;
    private final StringBuilder seen = new StringBuilder();
    private boolean spinning;
    private boolean owning;
    private Mode rwlock = Mode.FREE;
    private Mode semaphore = Mode.FREE;
    private int outer = -1;
    private int inner = -1;
    private Kthread thread;

    private enum Mode {
      FREE,
      READ,
      WRITE
    }

    Actor(Shared shared, int id) {
      this.shared = shared;
      this.id = id;
    }

    void run(List<Step> steps) {
      steps.forEach(this::perform);
      if (spinning) {
        spinLock();
      }
      if (owning) {
        shared.mutex.unlock();
      }
      releaseRwLock();
      releaseSemaphore();
      closeSections();
      seen.append('.');
    }

    private void perform(Step step) {
      switch (step) {
        case READ_X -> saw(shared.x.readOnce());
        case WRITE_X -> shared.x.writeOnce(id + 1);
        case ACQUIRE_X -> saw(shared.x.smpLoadAcquire());
        case RELEASE_X -> shared.x.smpStoreRelease(id + 1);
        case XCHG_X -> saw(shared.x.xchg(id + 1));
        case CMPXCHG_X -> saw(shared.x.cmpxchgAcquire(0, id + 1));
        case ADD_X -> saw(shared.x.fetchAdd(1));
        case ADD_X_RELAXED -> saw(shared.x.fetchAddRelaxed(1));
        case AWAIT_X -> saw(shared.x.smpCondLoadAcquire(value -> value != 0));
        case CPU_RELAX -> spinLoop();
        case READ_Y -> saw(shared.y.readOnce());
        case WRITE_Y -> shared.y.writeOnce(id + 1);
        case PLAIN_READ -> saw(shared.plain.get());
        case PLAIN_WRITE -> shared.plain.set(id + 1);
        case MB -> Barriers.smpMb();
        case RMB -> Barriers.smpRmb();
        case WMB -> Barriers.smpWmb();
        case CHOOSE -> saw(Engine.current().choose("coin", 2));
        case SPIN_LOCK -> spinLock();
        case SPIN_TRYLOCK -> {
          if (!spinning) {
            spinning = shared.spin.trylock();
            saw(spinning);
          }
        }
        case READ_LOCK, WRITE_LOCK, READ_TRYLOCK, WRITE_TRYLOCK -> rwLock(step);
        case READ_LOCK_IRQ -> interrupt();
        case TRY_WAIT_FOR -> saw(shared.completion.tryWaitForCompletion());
        case DONE -> saw(shared.completion.completionDone());
        case COMPLETE -> shared.completion.complete();
        case COMPLETE_ALL -> shared.completion.completeAll();
        case WAKE_UP -> shared.queue.wakeUp();
        case WAKE_UP_ALL -> shared.queue.wakeUpAll();
        case WAITQUEUE_ACTIVE -> {
          if (shared.queue.waitqueueActive()) {
            shared.queue.wakeUp();
          }
        }
        case RCUWAIT_ACTIVE -> saw(shared.rcuwait.active());
        case SRCU_READ -> readSection();
        case UP_READ_NON_OWNER -> {
          if (shared.nonOwner.tryWaitForCompletion()) {
            shared.semaphore.upReadNonOwner();
          }
        }
        case KTHREAD_RUN -> {
          if (thread == null) {
            thread = Kthread.run("k" + id, () -> shared.x.writeOnce(id + 5));
          }
        }
        default -> {
          if (spinning || rwlock != Mode.FREE) {
            seen.append('-');
          } else {
            mayNotBeAtomic(step);
          }
        }
      }
    }

    private void mayNotBeAtomic(Step step) {
      switch (step) {
        case MUTEX_LOCK, MUTEX_TRYLOCK -> mutex(step);
        case DOWN_READ, DOWN_WRITE, TRY_OR_DOWNGRADE -> semaphore(step);
        case DOWN_READ_NON_OWNER -> {
          if (semaphore != Mode.WRITE) {
            shared.semaphore.downReadNonOwner();
            shared.nonOwner.complete();
          }
        }
        case SYNCHRONIZE_SRCU -> {
          if (outer < 0) {
            shared.srcu.synchronize();
          }
        }
        case RCUWAIT, RCUWAIT_LATE, RCUWAIT_SLEEP -> {
          if (id == 0) {
            sleepAtRcuwait(step);
          } else {
            shared.rcuwait.wakeUp();
          }
        }
        case WAIT_EVENT -> shared.queue.waitEvent(() -> shared.x.readOnce() != 0);
        case SLEEP, SLEEP_EXCLUSIVE -> {
          if (step == Step.SLEEP) {
            shared.queue.prepareToWait();
          } else {
            shared.queue.prepareToWaitExclusive();
          }
          Sched.schedule();
          shared.queue.finishWait();
        }
        case WAIT_FOR -> shared.completion.waitForCompletion();
        case KTHREAD_STOP -> {
          if (thread != null) {
            thread.stop();
            thread = null;
          }
        }
        default -> throw new AssertionError(step);
      }
    }

    private void spinLoop() {
      while (shared.x.readOnce() == 0) {
        Sched.cpuRelax();
      }
    }

    private void spinLock() {
      if (spinning) {
        shared.guarded.set(shared.guarded.get() * 2 + id);
        shared.spin.unlock();
      } else {
        shared.spin.lock();
      }
      spinning = !spinning;
    }

    private void mutex(Step step) {
      if (owning) {
        shared.mutex.unlock();
        owning = false;
      } else if (step == Step.MUTEX_LOCK) {
        shared.mutex.lock();
        owning = true;
      } else {
        owning = shared.mutex.trylock();
        saw(owning);
      }
    }

    private void rwLock(Step step) {
      if (rwlock != Mode.FREE) {
        releaseRwLock();
        return;
      }
      boolean got =
          switch (step) {
            case READ_LOCK -> {
              shared.rwlock.readLock();
              yield true;
            }
            case WRITE_LOCK -> {
              shared.rwlock.writeLock();
              yield true;
            }
            case READ_TRYLOCK -> shared.rwlock.readTrylock();
            default -> shared.rwlock.writeTrylock();
          };
      boolean reads = step == Step.READ_LOCK || step == Step.READ_TRYLOCK;
      rwlock = !got ? Mode.FREE : reads ? Mode.READ : Mode.WRITE;
      saw(got);
    }

    /// An interrupt in the middle of a write-locked section would wait for itself.
    private void interrupt() {
      if (rwlock != Mode.WRITE) {
        Sched.irqEnter();
        shared.rwlock.readLock();
        saw(shared.y.readOnce());
        shared.rwlock.readUnlock();
        Sched.irqExit();
      }
    }

    private void releaseRwLock() {
      if (rwlock == Mode.READ) {
        shared.rwlock.readUnlock();
      } else if (rwlock == Mode.WRITE) {
        shared.y.writeOnce(shared.y.readOnce() * 2 + id);
        shared.rwlock.writeUnlock();
      }
      rwlock = Mode.FREE;
    }

    private void semaphore(Step step) {
      if (semaphore == Mode.WRITE && step == Step.TRY_OR_DOWNGRADE) {
        shared.semaphore.downgradeWrite();
        semaphore = Mode.READ;
      } else if (semaphore != Mode.FREE) {
        releaseSemaphore();
      } else if (step == Step.DOWN_READ) {
        shared.semaphore.downRead();
        semaphore = Mode.READ;
      } else if (step == Step.DOWN_WRITE) {
        shared.semaphore.downWrite();
        semaphore = Mode.WRITE;
      } else {
        boolean reads = id == 0;
        boolean got =
            reads ? shared.semaphore.downReadTrylock() : shared.semaphore.downWriteTrylock();
        semaphore = !got ? Mode.FREE : reads ? Mode.READ : Mode.WRITE;
        saw(got);
      }
    }

    private void releaseSemaphore() {
      if (semaphore == Mode.READ) {
        saw(shared.together.get());
        shared.semaphore.upRead();
      } else if (semaphore == Mode.WRITE) {
        shared.together.set(shared.together.get() * 2 + id);
        shared.semaphore.upWrite();
      }
      semaphore = Mode.FREE;
    }

    private void readSection() {
      if (outer < 0) {
        outer = shared.srcu.readLock();
      } else if (inner < 0) {
        inner = shared.srcu.readLock();
      } else {
        closeSections();
      }
    }

    private void closeSections() {
      if (inner >= 0) {
        shared.srcu.readUnlock(inner);
      }
      if (outer >= 0) {
        shared.srcu.readUnlock(outer);
      }
      inner = -1;
      outer = -1;
    }

    private void sleepAtRcuwait(Step step) {
      shared.rcuwait.prepareToRcuwait();
      if (step != Step.RCUWAIT_LATE) {
        shared.rcuwait.setCurrentStateUninterruptible();
      }
      if (step == Step.RCUWAIT_SLEEP || shared.x.readOnce() == 0) {
        if (step == Step.RCUWAIT_LATE) {
          shared.rcuwait.setCurrentStateUninterruptible();
        }
        shared.rcuwait.schedule();
      }
      shared.rcuwait.finishRcuwait();
    }

    private void saw(Object value) {
      seen.append(value).append(' ');
    }

    @Override
    public String toString() {
      return seen.toString();
    }
  }
}
