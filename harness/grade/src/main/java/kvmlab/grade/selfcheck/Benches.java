// SPDX-License-Identifier: MIT
package kvmlab.grade.selfcheck;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import kvmlab.grade.Exercise;
import kvmlab.grade.GraderFault;
import kvmlab.grade.Manifest;
import kvmlab.grade.run.WorkerCommand;

/// As many benches as there are cores. The results do not depend on how many.
final class Benches implements AutoCloseable {

  private static final int MOST = 4;

  private final List<Bench> all = new ArrayList<>();
  private final BlockingQueue<Bench> free;
  private final ExecutorService threads;

  Benches(WorkerCommand command) throws GraderFault {
    int count = Math.clamp(Runtime.getRuntime().availableProcessors(), 1, MOST);
    free = new ArrayBlockingQueue<>(count);
    for (int i = 0; i < count; i++) {
      all.add(new Bench(command));
    }
    free.addAll(all);
    threads = Executors.newFixedThreadPool(count, Thread.ofPlatform().daemon().factory());
  }

  /// Tries every answer; the trials come in the order of the answers.
  List<Trial> run(
      Exercise exercise, Manifest manifest, List<Trial.Answer> answers, Consumer<String> show)
      throws GraderFault {
    List<Future<Trial>> futures = new ArrayList<>();
    for (Trial.Answer answer : answers) {
      Callable<Trial> job = () -> run(exercise, manifest, answer);
      futures.add(threads.submit(job));
    }
    List<Trial> trials = new ArrayList<>();
    for (Future<Trial> future : futures) {
      show.accept(exercise.id() + " " + answers.get(trials.size()).name());
      trials.add(get(future));
    }
    return trials;
  }

  private Trial run(Exercise exercise, Manifest manifest, Trial.Answer answer)
      throws GraderFault, InterruptedException {
    Bench bench = free.take();
    try {
      return bench.run(exercise, manifest, answer);
    } finally {
      free.add(bench);
    }
  }

  private static Trial get(Future<Trial> future) throws GraderFault {
    try {
      return future.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof GraderFault fault) {
        throw fault;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw GraderFault.infrastructure("interrupted");
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
    all.forEach(Bench::close);
  }
}
