// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Does one piece of work on several threads, the calling one among them.
final class Crew {
  private Crew() {}

  /// Runs `work` on `workers` threads and returns when all of them are done. What any of them
  /// throws is thrown here, after the others have ended.
  static void run(int workers, Runnable work) {
    AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
    Runnable guarded =
        () -> {
          try {
            work.run();
          } catch (RuntimeException | Error e) {
            thrown.compareAndSet(null, e);
          }
        };
    List<Thread> others = new ArrayList<>();
    for (int i = 1; i < workers; i++) {
      others.add(Thread.ofPlatform().name("explorer " + i).daemon().start(guarded));
    }
    guarded.run();
    for (Thread other : others) {
      join(other);
    }
    switch (thrown.get()) {
      case null -> {}
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      case Throwable e -> throw new IllegalStateException(e);
    }
  }

  private static void join(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
