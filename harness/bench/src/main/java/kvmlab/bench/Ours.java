// SPDX-License-Identifier: MIT
package kvmlab.bench;

import java.time.Duration;
import kvmlab.bench.notifier.NotifierScenario;
import kvmlab.explore.Explored;
import kvmlab.explore.Explorer;
import kvmlab.explore.MemoryModel;
import kvmlab.explore.Reduction;
import kvmlab.explore.Sampled;
import kvmlab.explore.Sampling;
import kvmlab.explore.stress.Stress;
import kvmlab.explore.stress.Stressed;

/// The engines of this project, with all oracles on.
public abstract class Ours implements Tool {

  private Ours() {}

  Explorer explorer(String name, Progress progress) {
    NotifierScenario scenario = NotifierScenario.named(name);
    long before = progress.executions();
    return new Explorer(scenario.program())
        .model(model(scenario))
        .onComplete((number, violation) -> progress.executions(before + number));
  }

  MemoryModel model(NotifierScenario scenario) {
    return scenario.model();
  }

  /// Every behaviour, by source sets and sleep sets.
  public static class Exhaustive extends Ours {
    @Override
    public Outcome run(String scenario, long seed, long executionsMax, Progress progress) {
      return explore(scenario, executionsMax, progress, Reduction.SOURCE_SETS);
    }

    Outcome explore(String scenario, long executionsMax, Progress progress, Reduction reduction) {
      long before = progress.executions();
      Explorer explorer = explorer(scenario, progress);
      Explored explored = explorer.reduction(reduction).executionsMax(executionsMax).explore();
      progress.executions(before + explored.executions());
      progress.redundant(explored.redundant());
      progress.events(explored.events());
      progress.states(explored.states());
      if (explored.counterexample() != null) {
        return Outcome.BUG;
      }
      return explored.exhausted() ? Outcome.EXHAUSTED : Outcome.CLEAN;
    }
  }

  /// The same under the kernel's memory model, whatever the scenario is about.
  public static final class Weak extends Exhaustive {
    @Override
    MemoryModel model(NotifierScenario scenario) {
      return MemoryModel.LKMM;
    }
  }

  /// Every behaviour, on two threads; how far it is shows at the end only.
  public static final class OnTwo extends Ours {
    @Override
    public Outcome run(String scenario, long seed, long executionsMax, Progress progress) {
      NotifierScenario given = NotifierScenario.named(scenario);
      Explored explored =
          new Explorer(given.program())
              .model(given.model())
              .workers(2)
              .executionsMax(executionsMax)
              .explore();
      progress.executions(progress.executions() + explored.executions());
      progress.redundant(explored.redundant());
      return explored.exhausted() ? Outcome.EXHAUSTED : Outcome.CLEAN;
    }
  }

  /// Every state once.
  public static final class States extends Exhaustive {
    @Override
    public Outcome run(String scenario, long seed, long executionsMax, Progress progress) {
      return explore(scenario, executionsMax, progress, Reduction.STATES);
    }
  }

  /// Executions drawn at random, from seeds far from those of the run before.
  private abstract static class Random extends Ours {
    private final Sampling sampling;
    private final int workers;

    Random(Sampling sampling, int workers) {
      this.sampling = sampling;
      this.workers = workers;
    }

    @Override
    public Outcome run(String scenario, long seed, long executionsMax, Progress progress) {
      long before = progress.executions();
      Explorer explorer = explorer(scenario, progress).workers(workers).seed(seed * 1_000_000);
      if (workers > 1) {
        explorer.onComplete((number, violation) -> progress.executedByOneOfMany());
      }
      Sampled sampled = explorer.sample(sampling, executionsMax);
      progress.executions(before + sampled.runs());
      progress.events(sampled.events());
      return sampled.counterexample() != null ? Outcome.BUG : Outcome.CLEAN;
    }
  }

  /// Partial order sampling.
  public static final class Pos extends Random {
    public Pos() {
      super(Sampling.pos(), 1);
    }
  }

  /// Partial order sampling on two threads.
  public static final class PosOnTwo extends Random {
    public PosOnTwo() {
      super(Sampling.pos(), 2);
    }
  }

  /// Probabilistic concurrency testing, with depth 3.
  public static final class Pct extends Random {
    public Pct() {
      super(Sampling.pct(3), 1);
    }
  }

  /// Real threads, with noise.
  public static final class OnThreads extends Ours {
    @Override
    public Outcome run(String scenario, long seed, long executionsMax, Progress progress) {
      long before = progress.executions();
      Stressed stressed =
          new Stress(NotifierScenario.named(scenario).program())
              .seed(seed)
              .roundsMax(executionsMax)
              .patience(Duration.ofMillis(500))
              .stopAtFirst()
              .onProgress(soFar -> progress.executions(before + soFar.rounds()))
              .run();
      progress.executions(before + stressed.rounds());
      progress.events(stressed.events());
      return stressed.wrong() > 0 ? Outcome.BUG : Outcome.CLEAN;
    }

    @Override
    public long batch() {
      return 200;
    }
  }
}
