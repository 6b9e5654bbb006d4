// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.function.BooleanSupplier;
import kvmlab.machine.Engine;
import kvmlab.machine.Location;
import kvmlab.machine.Order;

/// A place where any number of tasks wait to be woken. A wake-up reaches every waiter that is not
/// exclusive, and one that is: the one that has waited longest.
///
/// As in the kernel, a queue under a spinlock, so what is done to it is seen in the order in which
/// the lock is taken. Whoever is woken leaves the queue by that, and tests its condition again.
///
/// Simplified: a task waits in one queue once, so the queue holds tasks and not
/// `wait_queue_entry`s; `finish_wait` always takes the lock, where Linux first looks whether it
/// must. Neither hides anything or raises a false alarm.
///
/// @kernel include/linux/wait.h struct wait_queue_head; kernel/sched/wait.c
public final class WaitQueueHead {
  // Why a wake-up is not lost. The waiter enters the queue, sets its state, and only then tests its
  // condition; the waker makes the condition true and only then looks into the queue. If the waker
  // takes the lock first, the waiter sees by the lock what the waker did before; if the waiter is
  // first, the waker finds it. With waitqueueActive() in front of wakeUp() the second half is lost,
  // unless the waker puts a full barrier between the condition and the look.

  private record Waiter(CurrentState state, boolean exclusive) {}

  private final Spinlock lock;

  /// Who waits, guarded by `lock`: those not exclusive in front, the latest first, then the others,
  /// the latest last.
  private final ArrayDeque<Waiter> waiters = new ArrayDeque<>(2);

  /// How many wait. Written under `lock`, read without it by {@link #waitqueueActive}.
  private final Location head;

  private final WaitPlace place;

  /// Declares and initialises a queue where nobody waits.
  public WaitQueueHead(String name) {
    lock = Spinlock.define(name + ".lock");
    head = Engine.current().location(name, 0);
    place = new WaitPlace(name);
  }

  /// Enters the calling task among those that every wake-up reaches, and declares that its next
  /// `schedule()` sleeps unless it is woken first. A full barrier.
  public void prepareToWait() {
    prepare(false);
  }

  /// Enters the calling task among those of whom a wake-up reaches one, and declares that its next
  /// `schedule()` sleeps unless it is woken first. A full barrier.
  public void prepareToWaitExclusive() {
    prepare(true);
  }

  private void prepare(boolean exclusive) {
    CurrentState current = TaskStruct.currentState();
    current.waitsAt(place);
    Waiter waiter = new Waiter(current, exclusive);
    lock.lock();
    if (!waits(current)) {
      if (exclusive) {
        waiters.addLast(waiter);
      } else {
        waiters.addFirst(waiter);
      }
      head.write("add_wait_queue", waiters.size(), Order.RELAXED);
    }
    // Under the lock: a waker that finds this task finds it about to sleep.
    Sched.setCurrentState(TaskState.TASK_UNINTERRUPTIBLE);
    lock.unlock();
  }

  private boolean waits(CurrentState current) {
    for (Waiter waiter : waiters) {
      if (waiter.state() == current) {
        return true;
      }
    }
    return false;
  }

  /// Ends the wait: the calling task is running, and no longer in the queue.
  public void finishWait() {
    CurrentState current = TaskStruct.currentState();
    current.setRunning();
    current.waitsAt(null);
    place.left();
    lock.lock();
    if (waiters.removeIf(waiter -> waiter.state() == current)) {
      head.write("remove_wait_queue", waiters.size(), Order.RELAXED);
    }
    lock.unlock();
  }

  /// Waits until `condition` holds: tests it, and tests it again after each wake-up.
  public void waitEvent(BooleanSupplier condition) {
    Sched.mightSleep("wait_event");
    if (condition.getAsBoolean()) {
      return;
    }
    prepareToWait();
    while (!condition.getAsBoolean()) {
      Sched.schedule();
      prepareToWait();
    }
    finishWait();
  }

  /// Wakes every waiter that is not exclusive, and the exclusive one that has waited longest of
  /// those asleep. A full barrier comes first if anybody waits.
  public void wakeUp() {
    wakeUp(1);
  }

  /// Wakes every waiter. A full barrier comes first if anybody waits.
  public void wakeUpAll() {
    wakeUp(Integer.MAX_VALUE);
  }

  private void wakeUp(int exclusiveMax) {
    lock.lock();
    if (waiters.isEmpty()) {
      place.foundNobody(Engine.current().task());
    } else {
      Barriers.smpMb();
      int left = exclusiveMax;
      Iterator<Waiter> rest = waiters.iterator();
      while (left > 0 && rest.hasNext()) {
        Waiter waiter = rest.next();
        // Who is running already does not count: it has been woken, or has not slept at all.
        if (waiter.state().wakeUp()) {
          rest.remove();
          head.write("remove_wait_queue", waiters.size(), Order.RELAXED);
          left -= waiter.exclusive() ? 1 : 0;
        }
      }
    }
    lock.unlock();
  }

  /// Returns whether anybody waits, without taking the lock. Orders nothing: a waker that relies on
  /// it needs a full barrier first.
  public boolean waitqueueActive() {
    return (int) head.read("waitqueue_active", Order.RELAXED) > 0;
  }
}
