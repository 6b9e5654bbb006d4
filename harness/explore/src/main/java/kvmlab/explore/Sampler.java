// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import kvmlab.machine.Violation;
import org.jspecify.annotations.Nullable;

/// Makes random runs, on as many threads as are given.
///
/// The runs are cut into pieces, and a piece depends on its number only. So what the pieces say
/// together, in order and up to the first wrong run, is the same whoever made which.
final class Sampler {
  /// How many runs find out how long executions are; what is claimed rests on later ones.
  static final int PROBES = 16;

  private static final int PIECE = 64;

  private record Piece(
      long runs,
      long events,
      int longest,
      int tasks,
      boolean alternatives,
      long wrong,
      @Nullable Counterexample counterexample) {

    Piece and(Piece next) {
      return new Piece(
          runs + next.runs,
          events + next.events,
          Math.max(longest, next.longest),
          Math.max(tasks, next.tasks),
          alternatives || next.alternatives,
          wrong >= 0 ? wrong : next.wrong,
          counterexample != null ? counterexample : next.counterexample);
    }
  }

  private final Sampling sampling;
  private final long firstSeed;
  private final long runsMax;
  private final boolean stopAtFirst;
  private final BiConsumer<Long, @Nullable Violation> completed;
  private final Map<Long, Piece> pieces = new ConcurrentHashMap<>();
  private final AtomicLong nextPiece = new AtomicLong();
  private final AtomicLong lastPiece = new AtomicLong(Long.MAX_VALUE);

  Sampler(
      Sampling sampling,
      long firstSeed,
      long runsMax,
      boolean stopAtFirst,
      BiConsumer<Long, @Nullable Violation> completed) {
    this.sampling = sampling;
    this.firstSeed = firstSeed;
    this.runsMax = runsMax;
    this.stopAtFirst = stopAtFirst;
    this.completed = completed;
  }

  Sampled sample(int workers, Supplier<Runner> runners) {
    RandomStrategy strategy = sampling.strategy();
    Piece all = probe(strategy, runners.get());
    int length = all.longest;
    if (all.runs < runsMax && !ends(all)) {
      Crew.run(workers, () -> work(runners.get(), length));
      for (long i = 0; pieces.containsKey(i) && !ends(all); i++) {
        all = all.and(pieces.get(i));
      }
    }
    boolean claims = all.wrong < 0 && !all.alternatives && all.runs > PROBES;
    return new Sampled(
        sampling,
        all.runs,
        all.events,
        all.longest,
        claims ? strategy.guarantee(all.tasks, length, all.runs - PROBES) : null,
        all.wrong,
        all.counterexample);
  }

  private boolean ends(Piece piece) {
    return stopAtFirst && piece.wrong >= 0;
  }

  private Piece probe(RandomStrategy strategy, Runner runner) {
    Piece all = new Piece(0, 0, 1, 0, false, -1, null);
    while (all.runs < Math.min(PROBES, runsMax) && !ends(all)) {
      all = all.and(run(strategy, runner, all.runs, 1, all.longest));
    }
    return all;
  }

  private void work(Runner runner, int length) {
    RandomStrategy strategy = sampling.strategy();
    while (true) {
      long number = nextPiece.getAndIncrement();
      long from = PROBES + number * PIECE;
      if (from >= runsMax || number > lastPiece.get()) {
        return;
      }
      Piece piece = run(strategy, runner, from, Math.min(PIECE, runsMax - from), length);
      pieces.put(number, piece);
      if (ends(piece)) {
        lastPiece.accumulateAndGet(number, Math::min);
      }
    }
  }

  private Piece run(RandomStrategy strategy, Runner runner, long from, long count, int length) {
    long runs = 0;
    long events = 0;
    int longest = 0;
    int tasks = 0;
    long wrong = -1;
    Counterexample counterexample = null;
    while (runs < count && (wrong < 0 || !stopAtFirst)) {
      strategy.seed(firstSeed + from + runs, length);
      // A run depends on its seed, not on which runs were made before it.
      runner.shared().forgetTasks();
      Execution execution = runner.run(strategy);
      events += execution.events();
      longest = Math.max(longest, execution.events());
      tasks = Math.max(tasks, execution.tasks().length);
      Violation violation = execution.violation();
      completed.accept(from + runs, violation);
      if (violation != null && wrong < 0) {
        wrong = from + runs;
        counterexample = new Counterexample(execution.schedule(), violation);
      }
      runs++;
    }
    boolean alternatives = strategy.drewAlternatives();
    return new Piece(runs, events, longest, tasks, alternatives, wrong, counterexample);
  }
}
