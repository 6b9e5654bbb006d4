// SPDX-License-Identifier: MIT
package kvmlab.bench.peer;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import kvmlab.bench.Progress;
import kvmlab.bench.Tool;
import kvmlab.bench.notifier.ThreadedNotifier;
import org.jetbrains.kotlinx.lincheck.Actor;
import org.jetbrains.kotlinx.lincheck.execution.ExecutionScenario;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jetbrains.lincheck.datastructures.verifier.EpsilonVerifier;

/// Lincheck's model checking of {@link ThreadedNotifier}: each task is one operation in a thread of
/// its own, and the oracle is the validation. Nothing is verified besides, and nothing minimised, so
/// that its time is that of the search.
public final class Lincheck implements Tool {
  private static final String SCENARIO = "kvmlab.bench.lincheck";
  private static final int TASKS_MAX = 8;

  /// Counts executions where Lincheck, which puts all memory of the heap back, does not look.
  private static final MemorySegment COUNT = Arena.global().allocate(ValueLayout.JAVA_LONG);

  /// What Lincheck makes anew for every execution.
  public static final class Subject {
    private final ThreadedNotifier vm = ThreadedNotifier.named(System.getProperty(SCENARIO));

    /// Runs one task.
    @Operation
    public void task(@Param(gen = IntGen.class) int number) {
      vm.tasks().get(number).run();
    }

    /// Checks what must hold when all tasks have ended.
    @Validate
    public void check() {
      COUNT.set(ValueLayout.JAVA_LONG, 0, COUNT.get(ValueLayout.JAVA_LONG, 0) + 1);
      String failure = vm.failure();
      if (failure != null) {
        throw new AssertionError(failure);
      }
    }
  }

  @Override
  public Outcome run(String scenario, long seed, long executionsMax, Progress progress)
      throws ReflectiveOperationException {
    System.setProperty(SCENARIO, scenario);
    Thread counter = new Thread(() -> report(progress), "counter");
    counter.setDaemon(true);
    counter.start();
    int tasks = Math.min(TASKS_MAX, ThreadedNotifier.named(scenario).tasks().size());
    Method task = Subject.class.getMethod("task", int.class);
    List<List<Actor>> threads = new ArrayList<>();
    for (int i = 0; i < tasks; i++) {
      threads.add(List.of(new Actor(task, List.of(i))));
    }
    Actor check = new Actor(Subject.class.getMethod("check"), List.of());
    try {
      new ModelCheckingOptions()
          .iterations(0)
          .invocationsPerIteration((int) Math.min(executionsMax, 1_000_000))
          .threads(tasks)
          .verifier(EpsilonVerifier.class)
          .minimizeFailedScenario(false)
          .addCustomScenario(new ExecutionScenario(List.of(), threads, List.of(), check))
          .check(Subject.class);
      return Outcome.CLEAN;
    } catch (LincheckAssertionError e) {
      return Outcome.BUG;
    } finally {
      progress.executions(COUNT.get(ValueLayout.JAVA_LONG, 0));
      counter.interrupt();
    }
  }

  private static void report(Progress progress) {
    while (!Thread.currentThread().isInterrupted()) {
      progress.executions(COUNT.get(ValueLayout.JAVA_LONG, 0));
      java.util.concurrent.locks.LockSupport.parkNanos(10_000_000);
    }
  }

  @Override
  public long batch() {
    return 1_000_000;
  }
}
