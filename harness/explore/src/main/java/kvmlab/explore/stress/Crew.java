// SPDX-License-Identifier: MIT
package kvmlab.explore.stress;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// The threads that run the tasks of one round after another, started together in each.
final class Crew implements AutoCloseable {
  private final List<Member> members = new ArrayList<>();
  private final AtomicInteger running = new AtomicInteger();
  private volatile @Nullable Thread waiter;

  /// One round as its threads see it: nobody starts before all are there.
  private record Start(Round round, AtomicInteger missing) {
    void together() {
      missing.decrementAndGet();
      while (missing.get() > 0) {
        Thread.yield();
      }
    }
  }

  /// A thread that runs one task of each round.
  final class Member extends Thread {
    private volatile @Nullable Start start;
    private volatile boolean dismissed;
    private StressTask task = new StressTask(-1, "idle", () -> {});

    Member(int number) {
      super("stress " + number);
      setDaemon(true);
    }

    StressTask task() {
      return task;
    }

    private void assign(Start next, StressTask nextTask) {
      task = nextTask;
      nextTask.thread = this;
      start = next;
      LockSupport.unpark(this);
    }

    private void dismiss() {
      dismissed = true;
      LockSupport.unpark(this);
    }

    @Override
    public void run() {
      while (!dismissed) {
        Start next = start;
        if (next == null) {
          LockSupport.park(Crew.this);
          continue;
        }
        start = null;
        next.together();
        next.round().run(task);
        if (running.decrementAndGet() == 0) {
          LockSupport.unpark(waiter);
        }
      }
    }
  }

  /// Starts every task of `round`, each on a thread.
  void start(Round round) {
    List<StressTask> tasks = round.tasks();
    waiter = Thread.currentThread();
    running.set(tasks.size());
    Start start = new Start(round, new AtomicInteger(tasks.size()));
    for (StressTask task : tasks) {
      member(task.id()).assign(start, task);
    }
  }

  /// Starts one more task of `round`; called by a task that runs.
  void join(Round round, StressTask task) {
    running.incrementAndGet();
    member(task.id()).assign(new Start(round, new AtomicInteger(1)), task);
  }

  /// Returns the thread of a task: the tasks of a round are numbered from 0 on.
  private synchronized Member member(int number) {
    while (members.size() <= number) {
      Member member = new Member(members.size());
      members.add(member);
      member.start();
    }
    return members.get(number);
  }

  /// Waits until every task has ended, `nanos` at most; returns whether all have.
  boolean await(long nanos) {
    if (running.get() > 0) {
      LockSupport.parkNanos(this, nanos);
    }
    return running.get() == 0;
  }

  /// Lets idle threads end. One that does not come back from its task is a daemon, and is left.
  @Override
  public synchronized void close() {
    members.forEach(Member::dismiss);
  }
}
