// SPDX-License-Identifier: MIT
package kvmlab.bench.notifier;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// The scenarios of {@link NotifierScenario} as plain Java, for tools that cannot run our kernel:
/// threads, monitors, park and unpark. The same protocol step by step, the same oracle at the end.
///
/// Marked accesses are opaque, acquire and release ones. A spinlock is a monitor; the semaphore is
/// fair, as Linux's is.
public final class ThreadedNotifier {

  /// Which scenario, by the first word of the names in {@link NotifierScenario}.
  public enum Protocol {
    UNPROTECTED("S1"),
    RWSEM("S2"),
    NESTED("S3"),
    UNORDERED("S4"),
    COUNT("S5"),
    COUNT_NO_WAKE("S5 no-wake"),
    COUNT_LATE_STATE("S5 late-state");

    private final String word;

    Protocol(String word) {
      this.word = word;
    }

    /// Returns the protocol whose word is `word`.
    public static Protocol of(String word) {
      for (Protocol protocol : values()) {
        if (protocol.word.equals(word)) {
          return protocol;
        }
      }
      throw new IllegalArgumentException("no such scenario: " + word);
    }

    private boolean counts() {
      return this == COUNT || this == COUNT_NO_WAKE || this == COUNT_LATE_STATE;
    }
  }

  /// A reader-writer lock that grants requests in their order.
  private static final class FairLock {
    private long nextTicket;
    private long served;
    private int readers;

    synchronized void lockForReading() throws InterruptedException {
      long ticket = nextTicket++;
      while (served != ticket) {
        wait();
      }
      readers++;
      served++;
      notifyAll();
    }

    synchronized void unlockFromReading() {
      readers--;
      notifyAll();
    }

    synchronized void lockForWriting() throws InterruptedException {
      long ticket = nextTicket++;
      while (served != ticket || readers > 0) {
        wait();
      }
    }

    synchronized void unlockFromWriting() {
      served++;
      notifyAll();
    }
  }

  /// Unwinds a thread that was interrupted because it hung.
  private static final class Abandoned extends Error {
    private static final long serialVersionUID = 1L;

    Abandoned() {
      super(null, null, false, false);
    }
  }

  private static final VarHandle SEQ = handle("notifierSeq", long.class);
  private static final VarHandle MEMSLOTS = handle("memslots", long.class);
  private static final VarHandle HOST_PFN = handle("hostPfn", long.class);

  private final Protocol protocol;
  private final Object mmuLock = new Object();
  private final Object invalidateLock = new Object();
  private final FairLock slotsLock = new FairLock();
  private final List<Runnable> tasks = new ArrayList<>();

  // Guarded by mmuLock; the sequence count is also read without it.
  private long notifierCount;
  private long notifierSeq;
  private long spte;

  // Guarded by invalidateLock.
  private long activeCount;

  // Need no lock.
  private long memslots = 1;
  private long hostPfn = 1;
  private volatile @Nullable Thread waiter;
  private volatile boolean sleeping;
  private volatile boolean done;
  private volatile boolean negative;

  private static VarHandle handle(String field, Class<?> type) {
    try {
      return MethodHandles.lookup().findVarHandle(ThreadedNotifier.class, field, type);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /// Prepares one execution: {@link #tasks} are to be run by a thread each, then {@link #failure}
  /// to be asked.
  public ThreadedNotifier(Protocol protocol, int invalidators, int vcpus) {
    this.protocol = protocol;
    if (protocol == Protocol.NESTED) {
      tasks.add(this::invalidateAndWait);
      tasks.add(this::invalidateAndTell);
      tasks.add(this::deleteMemslot);
      return;
    }
    for (int i = 0; i < invalidators; i++) {
      int pfn = 2 + i;
      tasks.add(() -> invalidate(pfn));
    }
    if (protocol != Protocol.UNORDERED) {
      tasks.add(this::deleteMemslot);
    }
    for (int i = 0; i < vcpus; i++) {
      tasks.add(() -> fault(1));
    }
  }

  /// Prepares one execution of the scenario whose name is `name`: see {@link
  /// NotifierScenario#named}.
  public static ThreadedNotifier named(String name) {
    NotifierScenario.Size size = NotifierScenario.size(name);
    Protocol protocol = Protocol.of(NotifierScenario.protocol(name));
    return new ThreadedNotifier(protocol, size.invalidators(), size.vcpus());
  }

  /// Returns the bodies of the threads.
  public List<Runnable> tasks() {
    return tasks;
  }

  /// Returns what is wrong when all threads have ended, or null.
  public @Nullable String failure() {
    if (negative || notifierCount != 0) {
      return "mmu_notifier_count is " + notifierCount;
    }
    return memslots != 0 && spte != 0 && spte != hostPfn ? "the guest maps frame " + spte : null;
  }

  private void invalidate(int pfn) {
    invalidateRangeStart();
    HOST_PFN.setOpaque(this, pfn);
    VarHandle.fullFence();
    invalidateRangeEnd();
  }

  private void invalidateAndWait() {
    invalidateRangeStart();
    waiter = Thread.currentThread();
    while (!done) {
      park();
    }
    invalidateRangeEnd();
  }

  private void invalidateAndTell() {
    invalidateRangeStart();
    invalidateRangeEnd();
    done = true;
    LockSupport.unpark(waiter);
  }

  private void invalidateRangeStart() {
    if (protocol == Protocol.RWSEM || protocol == Protocol.NESTED) {
      lockSlotsForReading();
    } else if (protocol.counts()) {
      synchronized (invalidateLock) {
        activeCount++;
      }
    }
    if ((long) MEMSLOTS.getAcquire(this) != 0) {
      synchronized (mmuLock) {
        notifierCount++;
        spte = 0;
      }
    }
  }

  private void invalidateRangeEnd() {
    if ((long) MEMSLOTS.getAcquire(this) != 0) {
      synchronized (mmuLock) {
        SEQ.setOpaque(this, notifierSeq + 1);
        VarHandle.storeStoreFence();
        negative |= --notifierCount < 0;
      }
    }
    if (protocol == Protocol.RWSEM || protocol == Protocol.NESTED) {
      slotsLock.unlockFromReading();
    } else if (protocol.counts()) {
      long left;
      synchronized (invalidateLock) {
        left = --activeCount;
      }
      if (left == 0 && protocol != Protocol.COUNT_NO_WAKE) {
        wakeUp();
      }
    }
  }

  private void deleteMemslot() {
    if (protocol == Protocol.RWSEM || protocol == Protocol.NESTED) {
      lockSlotsForWriting();
      MEMSLOTS.setRelease(this, 0);
      slotsLock.unlockFromWriting();
    } else if (protocol.counts()) {
      publishWhenQuiet();
    } else {
      MEMSLOTS.setRelease(this, 0);
    }
    synchronized (mmuLock) {
      spte = 0;
    }
  }

  private void publishWhenQuiet() {
    waiter = Thread.currentThread();
    while (true) {
      synchronized (invalidateLock) {
        if (activeCount == 0) {
          MEMSLOTS.setRelease(this, 0);
          waiter = null;
          return;
        }
        // Before the lock is left: an invalidation that ends from here on finds someone to wake.
        if (protocol != Protocol.COUNT_LATE_STATE) {
          sleeping = true;
        }
      }
      if (protocol == Protocol.COUNT_LATE_STATE) {
        sleeping = true;
      }
      while (sleeping) {
        park();
      }
    }
  }

  private void wakeUp() {
    Thread target = waiter;
    if (target != null && sleeping) {
      sleeping = false;
      LockSupport.unpark(target);
    }
  }

  private void lockSlotsForReading() {
    try {
      slotsLock.lockForReading();
    } catch (InterruptedException e) {
      throw new Abandoned();
    }
  }

  private void lockSlotsForWriting() {
    try {
      slotsLock.lockForWriting();
    } catch (InterruptedException e) {
      throw new Abandoned();
    }
  }

  private static void park() {
    LockSupport.park();
    if (Thread.interrupted()) {
      throw new Abandoned();
    }
  }

  private void fault(int retries) {
    for (int i = 0; i <= retries; i++) {
      long seq = (long) SEQ.getOpaque(this);
      if (protocol != Protocol.UNORDERED) {
        VarHandle.loadLoadFence();
      }
      if ((long) MEMSLOTS.getAcquire(this) == 0) {
        return;
      }
      long pfn = (long) HOST_PFN.getOpaque(this);
      synchronized (mmuLock) {
        if (notifierCount == 0 && (long) SEQ.getOpaque(this) == seq) {
          spte = pfn;
          return;
        }
      }
    }
  }
}
