// SPDX-License-Identifier: MIT
package kvmlab.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import kvmlab.bench.notifier.ThreadedNotifier;

/// Threads and a loop, as anybody would write it first. A round that hangs for a fifth of a second
/// is a deadlock.
public final class PlainThreads implements Tool {
  private static final long HANGS_MILLIS = 200;

  @Override
  public Outcome run(String scenario, long seed, long executionsMax, Progress progress)
      throws InterruptedException {
    try (ExecutorService threads = Executors.newCachedThreadPool(PlainThreads::daemon)) {
      for (long i = 0; i < executionsMax; i++) {
        ThreadedNotifier vm = ThreadedNotifier.named(scenario);
        List<Future<Void>> ended =
            threads.invokeAll(together(vm.tasks()), HANGS_MILLIS, TimeUnit.MILLISECONDS);
        progress.executed();
        if (ended.stream().anyMatch(Future::isCancelled) || vm.failure() != null) {
          return Outcome.BUG;
        }
      }
    }
    return Outcome.CLEAN;
  }

  /// Returns tasks that wait for each other before they begin.
  private static List<Callable<Void>> together(List<Runnable> tasks) {
    AtomicInteger missing = new AtomicInteger(tasks.size());
    List<Callable<Void>> together = new ArrayList<>();
    for (Runnable task : tasks) {
      together.add(() -> {
        missing.decrementAndGet();
        while (missing.get() > 0) {
          Thread.yield();
        }
        task.run();
        return null;
      });
    }
    return together;
  }

  private static Thread daemon(Runnable task) {
    Thread thread = new Thread(task);
    thread.setDaemon(true);
    return thread;
  }

  @Override
  public long batch() {
    return 1_000;
  }
}
