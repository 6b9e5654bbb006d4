// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
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

  /// How many schedules are repeated to say what is different.
  private static final int EXPLAINING_SCHEDULES_MAX = 32;

  private static final BiConsumer<Long, @Nullable Violation> SILENT = (execution, violation) -> {};

  private final Program program;
  private final Shared shared = new Shared();
  private MemoryModel model = MemoryModel.SC;
  private Reduction reduction = Reduction.SOURCE_SETS;
  private Coroutine.Factory coroutines = coroutines(false);
  private int statesMax = 1 << 22;
  private long executionsMax = Long.MAX_VALUE;
  private int tricksMax = Integer.MAX_VALUE;
  private boolean stopAtFirst = true;
  private int workers = 1;
  private long firstSeed;
  private long alone = 2_000;
  private long grain = 500;
  private BiConsumer<Long, @Nullable Violation> completed = SILENT;
  private Predicate<String> watched = type -> false;

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

  /// Explores only executions with so many tricks at most, and those without reduction: a trick is
  /// to interrupt a task that could go on, or to let a read return something older than the newest.
  /// The result names this bound if it left anything out. Returns this.
  public Explorer tricksMax(int most) {
    tricksMax = most;
    return this;
  }

  /// Goes on after a wrong execution. What would have come after the violation stays unknown, and
  /// with it what that would have raced with; so not all is seen if any execution was broken off
  /// before its end. Returns this.
  public Explorer goOn() {
    stopAtFirst = false;
    return this;
  }

  /// Sets the seed that the first random run is drawn from; 0 by default. Returns this.
  public Explorer seed(long first) {
    firstSeed = first;
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

  /// Sets how many executions are made before any work is shared, and how many are worth sharing.
  Explorer sharing(long after, long least) {
    alone = after;
    grain = least;
    return this;
  }

  /// Tells by their names of which classes a recorded trace gives the lines; of none by default.
  /// Returns this.
  public Explorer watch(Predicate<String> types) {
    watched = types;
    return this;
  }

  /// Uses a thread for each task even where the JVM has continuations. Returns this.
  public Explorer onThreads() {
    coroutines = coroutines(true);
    return this;
  }

  /// Calls `listener` after each complete execution, with its number and what went wrong in it. Of
  /// random runs on several {@link #workers}, each calls it for its own. Returns this.
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
  ///
  /// @throws NondeterministicProgram when the program does not do the same again
  /// @throws IllegalArgumentException for {@link Reduction#STATES} under the kernel's memory model
  public Explored explore() {
    if (!Reduction.under(model).contains(reduction)) {
      throw new IllegalArgumentException(
          "a search through states needs sequential consistency; under the kernel's memory model"
              + " use Reduction.SOURCE_SETS");
    }
    try {
      return traverse();
    } catch (NondeterministicProgram e) {
      throw explained(e);
    }
  }

  /// Runs the program twice under each of `schedules` schedules, and returns where it first does
  /// something else; empty if it does not.
  public Optional<Divergence> repeat(int schedules) {
    return Optional.ofNullable(new Repetition(() -> runner(new Shared())).find(schedules));
  }

  /// Returns what says most exactly in what the program is not the same again.
  private NondeterministicProgram explained(NondeterministicProgram found) {
    return repeat(EXPLAINING_SCHEDULES_MAX).map(NondeterministicProgram::new).orElse(found);
  }

  private Explored traverse() {
    if (workers > 1 && completed != SILENT) {
      throw new IllegalStateException("several workers do not complete executions one by one");
    }
    Traversal traversal = traversal(null, shared, completed);
    boolean together =
        workers > 1
            && tricksMax == Integer.MAX_VALUE
            && (reduction == Reduction.SLEEP_SETS || reduction == Reduction.SOURCE_SETS);
    if (traversal.run(together ? alone : Long.MAX_VALUE, null)) {
      new Team(workers, grain, given -> traversal(given, given.shared, SILENT)).finish(traversal);
    }
    return traversal.explored();
  }

  private Traversal traversal(
      @Nullable Subtree given, Shared own, BiConsumer<Long, @Nullable Violation> listener) {
    Strategy search =
        tricksMax < Integer.MAX_VALUE
            ? new BoundedSearch(tricksMax)
            : reduction == Reduction.STATES
                ? new StateSearch(statesMax)
                : new Search(reduction, model, given);
    return new Traversal(search, runner(own), given, stopAtFirst, executionsMax, listener);
  }

  /// Makes `runs` random runs, and stops at the first wrong one unless told to {@link #goOn}.
  ///
  /// Run i, counted from 0, is drawn from the seed i after the first one ({@link #seed}): so the
  /// same runs are made whenever this is called, on however many {@link #workers}.
  public Sampled sample(Sampling sampling, long runs) {
    Sampler sampler = new Sampler(sampling, firstSeed, runs, stopAtFirst, completed);
    Sampled sampled = sampler.sample(workers, () -> runner(new Shared()));
    Counterexample wrong = sampled.counterexample();
    return wrong == null ? sampled : sampled.with(numberedHere(wrong));
  }

  /// Returns a counterexample that numbers created tasks in the order of their creation as one that
  /// numbers them as this explorer does.
  private Counterexample numberedHere(Counterexample wrong) {
    Runner fresh = runner(new Shared());
    RouteRecorder recorder = new RouteRecorder(new Replay(wrong.schedule()), new Landmarks());
    fresh.run(recorder);
    if (fresh.shared().tasks() == 0) {
      return wrong;
    }
    Execution here = runner(shared).run(new RouteFollower(recorder.route()));
    return new Counterexample(here.schedule(), wrong.violation());
  }

  /// Returns a simplest wrong execution: fewest context switches, where an old value that is read
  /// counts as two; the same whatever `found` is. Where the search for one takes too long, returns
  /// `found` without what can be left out of it.
  public Counterexample shorten(Counterexample found) {
    try {
      return new Simplifier(runner(shared)::run).simplify(found);
    } catch (NondeterministicProgram e) {
      throw explained(e);
    }
  }

  /// Runs the program once under `schedule` and records what happens. The schedule was made by this
  /// explorer.
  public Replayed replay(Schedule schedule) {
    RouteRecorder recorder = new RouteRecorder(new Replay(schedule), new Landmarks());
    runner(shared).run(recorder);
    return replay(recorder.route());
  }

  /// Runs the program once along `route` and records what happens. Where a turn cannot be taken,
  /// the execution goes straight on from there.
  public Replayed replay(Route route) {
    TraceRecorder recorder = new TraceRecorder(watched);
    RouteFollower follower = new RouteFollower(route);
    Landmarks landmarks = new Landmarks();
    RouteRecorder taken = new RouteRecorder(follower, landmarks);
    // Tasks are numbered afresh, so that their numbers do not depend on what was explored before.
    Execution execution = runner(new Shared()).run(taken, recorder);
    List<String> tasks = Arrays.stream(execution.tasks()).map(kvmlab.machine.Task::name).toList();
    return new Replayed(
        recorder.trace(tasks, execution.culprit()),
        execution.violation(),
        taken.route(),
        missed(follower, landmarks, tasks));
  }

  /// Runs the program once as `script` says, and records what happens. Where a step cannot be
  /// taken, the execution ends.
  public Replayed follow(Script script) {
    TraceRecorder recorder = new TraceRecorder(watched);
    ScriptFollower follower = new ScriptFollower(script);
    RouteRecorder taken = new RouteRecorder(follower, new Landmarks());
    Execution execution = runner(new Shared()).run(taken, recorder);
    List<String> tasks = Arrays.stream(execution.tasks()).map(kvmlab.machine.Task::name).toList();
    return new Replayed(
        recorder.trace(tasks, execution.culprit()),
        execution.violation(),
        taken.route(),
        follower.missed());
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
    Search search = new Search(Reduction.SOURCE_SETS, model);
    Runner runner = runner(shared);
    int left = NAMING_EXECUTIONS_MAX;
    do {
      runner.run(new RouteRecorder(search, landmarks));
    } while (landmarks.name(landmark) == null && --left > 0 && search.advance());
  }

  /// Runs `code` without tasks: kernel objects work, nothing is scheduled, and what would wait is
  /// an error.
  ///
  /// @throws AssertionError when a primitive reports a misuse
  public static <T> T alone(Supplier<T> code) {
    Object[] result = new Object[1];
    Explorer running = new Explorer(setup -> result[0] = code.get());
    Execution execution = running.runner(running.shared).run(new Replay(Schedule.DEFAULT));
    Violation violation = execution.violation();
    if (violation != null) {
      throw new AssertionError(violation.expected() + ": " + violation.seen(), violation.cause());
    }
    @SuppressWarnings("unchecked")
    T value = (T) result[0];
    return value;
  }

  private Runner runner(Shared own) {
    return new Runner(program, model, coroutines, own);
  }
}
