// SPDX-License-Identifier: MIT
package kvmlab.explore.stress;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import kvmlab.machine.Program;
import kvmlab.machine.Violation;

/// Runs a program on real threads, again and again.
///
/// What it can show, an explorer cannot: that the code also runs where nobody decides the order.
/// What it cannot: any schedule that does not happen by itself; an order of memory that this
/// machine does not have (x86 lets a load pass an earlier store, and nothing else); a data race
/// whose values happen to be right. Nothing is replayed.
public final class Stress {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final long NOTICE_NANOS = 100_000_000;

  private final Program program;
  private long seed = 1;
  private long roundsMax = Long.MAX_VALUE;
  private long nanosMax = Long.MAX_VALUE;
  private long patienceNanos = PATIENCE.toNanos();
  private boolean stopAtFirst;
  private boolean quiet;
  private Consumer<Stressed> notice = soFar -> {};

  private final List<Sighting> sightings = new ArrayList<>();
  private int threads;
  private long rounds;
  private long events;

  /// Prepares to run `program`. One object serves one run.
  public Stress(Program program) {
    this.program = program;
  }

  /// Sets what the noise is drawn from. Returns this.
  public Stress seed(long chosen) {
    seed = chosen;
    return this;
  }

  /// Sets after how many rounds to end. Returns this.
  public Stress roundsMax(long most) {
    roundsMax = most;
    return this;
  }

  /// Sets after how long to end, at the end of a round. Returns this.
  public Stress time(Duration most) {
    nanosMax = most.toNanos();
    return this;
  }

  /// Sets how long a round may go on while some task is neither waiting nor at its end. Returns
  /// this.
  public Stress patience(Duration most) {
    patienceNanos = most.toNanos();
    return this;
  }

  /// Delays nothing: for who measures how fast the program is. Returns this.
  public Stress quiet() {
    quiet = true;
    return this;
  }

  /// Ends after the first wrong round. Returns this.
  public Stress stopAtFirst() {
    stopAtFirst = true;
    return this;
  }

  /// Calls `listener` now and then with how things stand. Returns this.
  public Stress onProgress(Consumer<Stressed> listener) {
    notice = listener;
    return this;
  }

  /// Runs until a limit is reached, or the calling thread is interrupted.
  public Stressed run() {
    long start = System.nanoTime();
    long noticed = start;
    boolean abandoned = false;
    try (Crew crew = new Crew()) {
      while (goesOn(start) && !abandoned) {
        abandoned = !round(crew);
        long now = System.nanoTime();
        if (now - noticed > NOTICE_NANOS) {
          noticed = now;
          notice.accept(stressed(now - start, abandoned));
        }
      }
    }
    return stressed(System.nanoTime() - start, abandoned);
  }

  private boolean goesOn(long start) {
    return rounds < roundsMax
        && System.nanoTime() - start < nanosMax
        && !(stopAtFirst && !sightings.isEmpty())
        && !Thread.currentThread().isInterrupted();
  }

  /// Returns whether every task has ended.
  private boolean round(Crew crew) {
    Round round = new Round(crew, seed, rounds, quiet);
    Watchdog watchdog = new Watchdog(crew, round, patienceNanos);
    boolean ended = true;
    round.enter();
    try {
      if (round.inspect(() -> program.build(round))) {
        crew.start(round);
        ended = watchdog.watch();
        if (ended && round.violation() == null) {
          round.inspectEnd();
        }
      }
    } finally {
      round.leave();
    }
    Violation violation = round.violation();
    if (violation != null) {
      seen(violation, watchdog.stuck());
    }
    threads = Math.max(threads, round.tasks().size());
    events += round.tasks().stream().mapToLong(StressTask::events).sum();
    rounds++;
    return ended;
  }

  private void seen(Violation violation, List<Stuck> stuck) {
    for (int i = 0; i < sightings.size(); i++) {
      if (sightings.get(i).isLike(violation)) {
        sightings.set(i, sightings.get(i).again());
        return;
      }
    }
    sightings.add(new Sighting(violation, rounds, stuck, 1));
  }

  private Stressed stressed(long nanos, boolean abandoned) {
    return new Stressed(seed, threads, rounds, events, nanos, sightings, abandoned);
  }
}
