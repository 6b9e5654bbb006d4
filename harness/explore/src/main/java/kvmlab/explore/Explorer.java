// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.Arrays;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import kvmlab.machine.Program;
import kvmlab.machine.Violation;
import org.jspecify.annotations.Nullable;

/// Runs a program under every order of its events that matters, and under every value that its
/// memory may return.
///
/// A program must do the same whenever the same schedule is repeated: no time, no chance, no state
/// that outlives an execution. One explorer serves one thread.
public final class Explorer {
  /// How many executions are looked through for the name of a landmark that a route missed.
  private static final int NAMING_EXECUTIONS_MAX = 300;

  private final Program program;
  private final Shared shared = new Shared();
  private MemoryModel model = MemoryModel.SC;
  private Reduction reduction = Reduction.SOURCE_SETS;
  private Coroutine.Factory coroutines = coroutines(false);
  private int statesMax = 1 << 22;
  private long executionsMax = Long.MAX_VALUE;
  private boolean stopAtFirst = true;
  private int workers = 1;
  private BiConsumer<Long, @Nullable Violation> completed = (execution, violation) -> {};

  public Explorer(Program program) {
    this.program = program;
  }

  /// Sets what reads may return; sequential consistency by default. Returns this.
  public Explorer model(MemoryModel chosen) {
    model = chosen;
    return this;
  }

  /// Sets what is left out; source sets by default. Returns this.
  public Explorer reduction(Reduction chosen) {
    reduction = chosen;
    return this;
  }

  /// Sets after how many executions to give up. Returns this.
  public Explorer executionsMax(long most) {
    executionsMax = most;
    return this;
  }

  /// Goes on after a wrong execution. What would have come after the violation stays unknown, and
  /// with it what that would have raced with; so not all is seen if any execution was broken off
  /// before its end. Returns this.
  public Explorer goOn() {
    stopAtFirst = false;
    return this;
  }

  /// Sets on how many threads to explore; what is explored, and all that is said of it, stays the
  /// same. With more than one the program is built on several threads at once: it must share
  /// nothing between executions. One by default. Returns this.
  public Explorer workers(int count) {
    workers = count;
    return this;
  }

  /// Sets how many states to remember under {@link Reduction#STATES}. Returns this.
  public Explorer statesMax(int most) {
    statesMax = most;
    return this;
  }

  /// Uses a thread for each task even where the JVM has continuations. Returns this.
  public Explorer onThreads() {
    coroutines = coroutines(true);
    return this;
  }

  /// Calls `listener` after each complete execution, with its number and what went wrong in it; on
  /// several {@link #workers}, from all of them and in no order. Returns this.
  public Explorer onComplete(BiConsumer<Long, @Nullable Violation> listener) {
    completed = listener;
    return this;
  }

  /// Returns whether tasks run on continuations; if not, exploring is 15 to 150 times slower.
  public static boolean continuations() {
    return ContinuationCoroutine.available();
  }

  private static Coroutine.Factory coroutines(boolean threads) {
    return threads || !ContinuationCoroutine.available()
        ? ThreadCoroutine::new
        : ContinuationCoroutine::new;
  }

  /// Explores, and stops at the first wrong execution unless told to {@link #goOn}.
  public Explored explore() {
    Strategy search = search();
    long executions = 0;
    long complete = 0;
    long events = 0;
    long cut = 0;
    Counterexample found = null;
    do {
      Execution execution = execution(search, null);
      execution.run(program);
      executions++;
      events += execution.events();
      if (execution.cut()) {
        cut++;
      } else if (!execution.pruned()) {
        complete++;
        if (!stopAtFirst && execution.brokenOff()) {
          shared.leaveOut("executions up to their first violation");
        }
        Violation violation = execution.violation();
        completed.accept(executions, violation);
        if (violation != null && found == null) {
          found = new Counterexample(execution.schedule(), violation);
          if (stopAtFirst) {
            break;
          }
        }
      }
      if (executions >= executionsMax) {
        boolean all = !search.advance() && cut == 0 && !shared.incomplete();
        return explored(search, executions, complete, cut, events, all, found);
      }
    } while (search.advance());
    boolean all = cut == 0 && !shared.incomplete() && (found == null || !stopAtFirst);
    return explored(search, executions, complete, cut, events, all, found);
  }

  private Explored explored(
      Strategy search,
      long executions,
      long complete,
      long cut,
      long events,
      boolean all,
      @Nullable Counterexample found) {
    long redundant = executions - complete - cut;
    int states = search instanceof StateSearch visited ? visited.states() : 0;
    long bytes = search instanceof StateSearch visited ? visited.bytes() : 0;
    return new Explored(
        executions, complete, redundant, events, all, shared.bounds(), states, bytes, found);
  }

  private Strategy search() {
    return reduction == Reduction.STATES
        ? new StateSearch(statesMax)
        : new Search(reduction, model);
  }

  /// Makes `runs` random runs, and stops at the first wrong one unless told to {@link #goOn}.
  ///
  /// Run i is drawn from the seed i, counted from 0: so the same runs are made whenever this is
  /// called, on however many {@link #workers}.
  public Sampled sample(Sampling sampling, long runs) {
    Sampler sampler = new Sampler(sampling, runs, stopAtFirst, completed);
    return sampler.sample(workers, this::runner);
  }

  private Sampler.Runner runner() {
    Shared own = new Shared();
    return strategy -> {
      Execution execution = new Execution(strategy, model, coroutines, own, null);
      execution.run(program);
      return execution;
    };
  }

  /// Returns a simplest wrong execution: fewest context switches, where an old value that is read
  /// counts as two; the same whatever `found` is. Where the search for one takes too long, returns
  /// `found` without what can be left out of it.
  public Counterexample shorten(Counterexample found) {
    return new Simplifier(this::run).simplify(found);
  }

  /// Runs the program once under `schedule` and records what happens. The schedule was made by this
  /// explorer.
  public Replayed replay(Schedule schedule) {
    RouteRecorder recorder = new RouteRecorder(new Replay(schedule), new Landmarks());
    run(recorder);
    return replay(recorder.route());
  }

  /// Runs the program once along `route` and records what happens. Where a turn cannot be taken,
  /// the execution goes straight on from there.
  public Replayed replay(Route route) {
    TraceRecorder recorder = new TraceRecorder();
    RouteFollower follower = new RouteFollower(route);
    Landmarks landmarks = new Landmarks();
    RouteRecorder taken = new RouteRecorder(follower, landmarks);
    // Tasks are numbered afresh, so that their numbers do not depend on what was explored before.
    Execution execution = new Execution(taken, model, coroutines, new Shared(), recorder);
    execution.run(program);
    List<String> tasks = Arrays.stream(execution.tasks()).map(kvmlab.machine.Task::name).toList();
    return new Replayed(
        recorder.trace(tasks),
        execution.violation(),
        taken.route(),
        missed(follower, landmarks, tasks));
  }

  private @Nullable String missed(RouteFollower follower, Landmarks landmarks, List<String> tasks) {
    Route.Turn turn = follower.missed();
    if (turn == null) {
      return null;
    }
    if (landmarks.name(turn.landmark()) == null) {
      collectNames(landmarks, turn.landmark());
    }
    return new MissedTurn(tasks, landmarks).inWords(turn, follower.cameThere());
  }

  /// Looks through other executions for one that comes to `landmark`.
  private void collectNames(Landmarks landmarks, int landmark) {
    Search search = new Search(reduction, model);
    int left = NAMING_EXECUTIONS_MAX;
    do {
      run(new RouteRecorder(search, landmarks));
    } while (landmarks.name(landmark) == null && --left > 0 && search.advance());
  }

  /// Runs `code` without tasks: kernel objects work, nothing is scheduled, and what would wait is
  /// an error.
  ///
  /// @throws AssertionError when a primitive reports a misuse
  public static <T> T alone(Supplier<T> code) {
    Object[] result = new Object[1];
    Explorer running = new Explorer(setup -> result[0] = code.get());
    Execution execution = running.execution(new Replay(Schedule.DEFAULT), null);
    execution.run(running.program);
    Violation violation = execution.violation();
    if (violation != null) {
      throw new AssertionError(violation.expected() + ": " + violation.seen(), violation.cause());
    }
    @SuppressWarnings("unchecked")
    T value = (T) result[0];
    return value;
  }

  private Execution run(Strategy strategy) {
    Execution execution = execution(strategy, null);
    execution.run(program);
    return execution;
  }

  private Execution execution(Strategy strategy, @Nullable TraceRecorder recorder) {
    return new Execution(strategy, model, coroutines, shared, recorder);
  }
}
