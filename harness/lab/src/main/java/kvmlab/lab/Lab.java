// SPDX-License-Identifier: MIT
package kvmlab.lab;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import kvmlab.explore.Counterexample;
import kvmlab.explore.Explored;
import kvmlab.explore.Explorer;
import kvmlab.explore.NondeterministicProgram;
import kvmlab.explore.Replayed;
import kvmlab.explore.Sampled;
import kvmlab.explore.Sampling;
import kvmlab.explore.Script;
import kvmlab.explore.stress.Stress;
import kvmlab.explore.stress.Stressed;
import kvmlab.lab.instrument.Watched;
import kvmlab.machine.Violation;

/// Where scenarios are run.
public final class Lab {
  /// On more threads the gain is small, and a grader has other work for its cores.
  private static final int WORKERS_MAX = 2;

  /// Most known bugs are of depth 3 at most.
  private static final int DEPTH = 3;

  /// System property: `true` runs each scenario twice along the same schedules before exploring it.
  public static final String TWICE = "kvmlab.twice";

  /// How many schedules are repeated then.
  private static final int REPEATED = 20;

  private static final AtomicBoolean SLOW_SAID = new AtomicBoolean();

  private Lab() {}

  /// Explores a scenario until a wrong execution is found or every one is covered; a wrong one is
  /// made as simple as possible. Where its budget ends before, random runs follow.
  ///
  /// Random runs come last: a space that is small enough for a lesson is exhausted in fewer
  /// executions than random runs would take.
  ///
  /// @throws NotRepeatable when the scenario does not do the same again
  public static Exploration explore(Scenario scenario) {
    return explore(scenario, Math.min(WORKERS_MAX, Runtime.getRuntime().availableProcessors()));
  }

  /// Explores on so many threads; the result is the same on any number.
  static Exploration explore(Scenario scenario, int workers) {
    saySlow();
    try {
      Exploration exploration = explore(scenario, explorer(scenario).workers(workers));
      Explorations.add(exploration);
      return exploration;
    } catch (NondeterministicProgram e) {
      throw new NotRepeatable(scenario, String.valueOf(e.getMessage()));
    }
  }

  private static Exploration explore(Scenario scenario, Explorer explorer) {
    if (Boolean.getBoolean(TWICE)) {
      explorer
          .repeat(REPEATED)
          .ifPresent(difference -> {
            throw new NondeterministicProgram(difference);
          });
    }
    Explored explored = explorer.executionsMax(scenario.executionsMax()).explore();
    List<Sampled> samples = new ArrayList<>();
    Counterexample first = explored.counterexample();
    if (!explored.exhausted() && explored.executions() >= scenario.executionsMax()) {
      for (Sampling sampling : List.of(Sampling.pos(), Sampling.pct(DEPTH))) {
        if (first == null && scenario.randomRuns() > 0) {
          Sampled sampled = explorer.sample(sampling, scenario.randomRuns());
          samples.add(sampled);
          first = sampled.counterexample();
        }
      }
    }
    Coverage coverage = new Coverage(explored, samples);
    return new Exploration(
        scenario.id(),
        scenario.model().word(),
        coverage.executions(),
        explored.exhausted(),
        coverage.bound(scenario.model()),
        Optional.ofNullable(first)
            .map(wrong -> finding(scenario, explorer, explorer.shorten(wrong))));
  }

  /// Runs the one execution of `scenario` that `token` names, on the code as it is now.
  ///
  /// A finding whose token is another one comes of code that has changed since: its token names the
  /// execution that it shows. Where the way of the token ends too early and the execution goes
  /// wrong all the same, the finding says so, because it is real.
  ///
  /// @throws StaleToken when the code cannot follow that way any more, and nothing goes wrong
  public static Exploration replay(Scenario scenario, Token token) {
    Explorer explorer = explorer(scenario);
    Replayed replayed = explorer.replay(token.route());
    Violation violation = replayed.violation();
    String missed = replayed.missed();
    if (missed != null && violation == null) {
      throw new StaleToken(token, missed);
    }
    String bound =
        missed == null
            ? "the one schedule of the token"
            : "another schedule than the token's: " + missed;
    return new Exploration(
        scenario.id(),
        scenario.model().word(),
        1,
        false,
        bound,
        Optional.ofNullable(violation).map(wrong -> finding(scenario, replayed, wrong)));
  }

  /// Runs `scenario` once as `script` says, and records what happens.
  public static Replayed follow(Scenario scenario, Script script) {
    return explorer(scenario).follow(script);
  }

  /// Runs a scenario on real threads, round after round, with delays drawn from `seed`. Takes
  /// `time` and some of the last round.
  ///
  /// @param progress told now and then how it stands
  public static StressRun stress(
      Scenario scenario, long seed, Duration time, Consumer<StressRun> progress) {
    Scenario watched = Watched.of(scenario);
    Judges judges = Judges.of(watched);
    Stressed stressed =
        new Stress(setup -> watched.build(new World(setup, judges)))
            .seed(seed)
            .time(time)
            .onProgress(soFar -> progress.accept(StressRun.of(scenario, soFar)))
            .run();
    return StressRun.of(scenario, stressed);
  }

  /// Runs `code` without tasks: kernel objects work, nothing is scheduled, and what would wait is
  /// an error. For checks of data, not of interleavings.
  public static <T> T alone(Supplier<T> code) {
    return Explorer.alone(code);
  }

  private static Explorer explorer(Scenario scenario) {
    Scenario watched = Watched.of(scenario);
    Judges judges = Judges.of(watched);
    return new Explorer(setup -> watched.build(new World(setup, judges)))
        .model(scenario.model())
        .watch(type -> type.startsWith(scenario.getClass().getPackageName() + "."));
  }

  private static Finding finding(Scenario scenario, Explorer explorer, Counterexample wrong) {
    Replayed replayed = explorer.replay(wrong.schedule());
    // The same one, but a report that was made while a trace was recorded also knows the calls.
    Violation violation = Objects.requireNonNullElse(replayed.violation(), wrong.violation());
    return finding(scenario, replayed, violation);
  }

  private static Finding finding(Scenario scenario, Replayed replayed, Violation violation) {
    String[] id = scenario.id().split(":", 2);
    Token token = new Token(id[0], id[1], replayed.route(), Fingerprint.of(replayed.trace()));
    return new Finding(
        violation,
        replayed.trace(),
        Diagnosis.beside(scenario).likelyCause(violation, replayed.trace()),
        token);
  }

  private static void saySlow() {
    if (!Explorer.continuations() && !SLOW_SAID.getAndSet(true)) {
      System.err.println(
          "exploring on threads, 15 to 150 times slower: start java with"
              + " --add-exports java.base/jdk.internal.vm=ALL-UNNAMED");
    }
  }
}
