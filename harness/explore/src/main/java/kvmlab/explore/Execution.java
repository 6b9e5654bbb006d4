// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import kvmlab.machine.Engine;
import kvmlab.machine.Fence;
import kvmlab.machine.Kind;
import kvmlab.machine.Location;
import kvmlab.machine.PlainAccess;
import kvmlab.machine.Program;
import kvmlab.machine.Setup;
import kvmlab.machine.SharedObject;
import kvmlab.machine.Stamp;
import kvmlab.machine.StateHash;
import kvmlab.machine.Task;
import kvmlab.machine.TraceEvent;
import kvmlab.machine.Violation;
import org.jspecify.annotations.Nullable;

/// One execution of a program under a strategy.
///
/// How the scheduler works. A task that reaches an event announces it and decides there, on its own
/// stack, who moves next; if it is the task itself, nothing is switched. Local work is finished
/// before any decision: when the strategy is asked, every live task has announced an event or is
/// blocked. So exactly one task runs, and between two events it touches nothing shared.
///
/// Before the first task starts and after the last has ended, operations take effect at once, as
/// those of a task numbered -1.
final class Execution extends Engine implements Setup {

  /// How often loops may start over between two events before one counts as endless.
  static final int LOOPS_MAX = 100_000;

  /// Unwinds the building or inspecting code once a violation is known.
  private static final class Stopped extends Error {
    private static final long serialVersionUID = 1L;

    Stopped() {
      super(null, null, false, false);
    }
  }

  private final Strategy strategy;
  private final MemoryModel model;
  private final Coroutine.Factory coroutines;
  private final Shared shared;
  private final @Nullable TraceRecorder recorder;
  private final List<Runnable> eventChecks = new ArrayList<>(2);
  private final List<Runnable> endChecks = new ArrayList<>(2);
  private final ExploredTask alone = new ExploredTask(-1, "setup", null, new Spin());
  private final Roster roster;
  private final Fairness fairness;
  private final @Nullable StateAccount account;
  private ExploredTask running = alone;
  private @Nullable FullFence fullFence;
  private int locations;
  private int next = -1;
  private int last = -1;
  private @Nullable PlainMemory plainMemory;
  private int events;
  private int loops;
  private int loopsAt;
  private int switches;
  private final Schedule.Recorder decisions = new Schedule.Recorder();
  private boolean stopping;
  private boolean pruned;
  private boolean cut;
  private boolean maximal;
  private @Nullable NondeterministicProgram nondeterminism;

  private @Nullable Violation violation;

  /// The task that was running when it went wrong, or -1.
  private int culprit = -1;

  Execution(
      Strategy strategy,
      MemoryModel model,
      Coroutine.Factory coroutines,
      Shared shared,
      @Nullable TraceRecorder recorder) {
    this.strategy = strategy;
    this.model = model;
    this.coroutines = coroutines;
    this.shared = shared;
    this.recorder = recorder;
    this.roster = new Roster(shared);
    this.fairness = new Fairness(roster);
    this.account = strategy.remembers() ? new StateAccount(this, strategy) : null;
  }

  // ---- running

  /// Runs the program to its end, to a violation, or to where the strategy gives it up.
  void run(Program program) {
    bind(this);
    try {
      if (inspect(() -> program.build(this)) && model == MemoryModel.LKMM) {
        fullFence = new FullFence(this);
      }
      start();
      while (next >= 0) {
        running = roster.tasks()[next];
        Coroutine coroutine = running.coroutine;
        if (coroutine != null) {
          coroutine.resume();
        }
        if (!stopping && running.status == ExploredTask.Status.DONE) {
          next = pick();
        }
      }
      running = alone;
      if (nondeterminism != null) {
        throw nondeterminism;
      }
      if (violation == null && !pruned) {
        for (Runnable check : endChecks) {
          inspect(check);
        }
      }
    } finally {
      giveUp();
      bind(null);
    }
  }

  private void start() {
    for (ExploredTask task : roster.tasks()) {
      begin(task);
    }
    strategy.begin(this);
    if (recorder != null) {
      recorder.begin(tasks());
    }
    next = violation == null ? pick() : -1;
  }

  private void begin(ExploredTask task) {
    task.synced = Clock.next(Clock.ZERO, task.id(), roster.tasks().length);
    task.coroutine = coroutines.of(() -> body(task));
    if (model == MemoryModel.LKMM) {
      task.knowledge = new Knowledge();
    }
    roster.goOn(task);
  }

  @Override
  protected Task spawn(String name, Runnable body) {
    ExploredTask creator = running;
    if (creator.id() < 0) {
      throw new IllegalStateException("while the program is built, tasks are declared: " + name);
    }
    ExploredTask task = roster.create(creator, name, body);
    begin(task);
    return task;
  }

  private void body(ExploredTask task) {
    if (task.coroutine instanceof ThreadCoroutine) {
      bind(this);
    }
    try {
      Runnable body = task.body;
      if (body != null) {
        body.run();
      }
      task.exit();
    } catch (Coroutine.Abandoned e) {
      throw e;
    } catch (NondeterministicProgram e) {
      nondeterminism = e;
      stop();
    } catch (AssertionError e) {
      thrown(Violation.Kind.ASSERTION, task, e);
    } catch (Throwable e) {
      thrown(Violation.Kind.EXCEPTION, task, e);
    }
    roster.end(task);
  }

  private void thrown(Violation.Kind kind, ExploredTask task, Throwable e) {
    String seen = e instanceof AssertionError ? String.valueOf(e.getMessage()) : e.toString();
    note(new Violation(kind, null, task + " ends normally", seen, e));
  }

  /// Runs building or checking code; returns whether it found nothing wrong.
  private boolean inspect(Runnable code) {
    ExploredTask before = running;
    running = alone;
    try {
      code.run();
    } catch (Stopped e) {
      // The violation has been noted.
    } catch (AssertionError e) {
      note(
          new Violation(
              Violation.Kind.ASSERTION,
              null,
              "the checks of the scenario hold",
              String.valueOf(e.getMessage()),
              e));
    } catch (RuntimeException e) {
      note(
          new Violation(
              Violation.Kind.EXCEPTION, null, "the scenario can be set up", e.toString(), e));
    } finally {
      running = before;
    }
    return violation == null;
  }

  private void giveUp() {
    stopping = true;
    for (ExploredTask task : roster.tasks()) {
      Coroutine coroutine = task.coroutine;
      if (coroutine != null) {
        coroutine.abandon();
      }
    }
  }

  // ---- scheduling

  @Override
  protected long perform(SharedObject object, Kind kind, long argument) {
    ExploredTask task = running;
    if (task.id() < 0) {
      return performAlone(task, object, kind, argument);
    }
    if (stopping) {
      throw new Coroutine.Abandoned();
    }
    task.announce(object, kind, argument);
    roster.announced(task);
    decide(task);
    roster.picked(task);
    if (++events > Fairness.EVENTS_MAX) {
      endless(task);
    }
    task.movedAt = events;
    // Messages are chosen inside a location; every other event takes effect here and now.
    if (!(object instanceof Location)) {
      if (!(object instanceof FullFence || object instanceof Choice)) {
        task.spin.acted();
      }
      strategy.commit(this, task, null, false);
    }
    object.execute(task);
    recordPerformed(task);
    if (task.status == ExploredTask.Status.BLOCKED) {
      decide(task);
    } else {
      roster.goOn(task);
    }
    if (account != null) {
      account.performed(task, object);
    }
    return task.result();
  }

  /// Ends an execution that goes on and on: wrong if every task that can move has had its turns.
  private void endless(ExploredTask looping) {
    if (!fairness.hadTurns(events)) {
      cut(looping, "executions of at most " + Fairness.EVENTS_MAX + " events");
    }
    fail(
        Violation.of(
            Violation.Kind.LIVELOCK,
            null,
            "every task comes to its end",
            "livelock: after "
                + Fairness.EVENTS_MAX
                + " events "
                + looping
                + " still loops in "
                + spell(looping)));
  }

  /// Gives the execution up, which no other one covers.
  void cut(ExploredTask task, String bound) {
    bounded(bound);
    cut = true;
    pruned = true;
    stop();
    suspend(task);
  }

  /// Returns whether states are recognised that have been seen before.
  boolean remembers() {
    return account != null;
  }

  /// Says that something is left out that no other execution covers.
  void leaveOut(String bound) {
    shared.leaveOut(bound);
  }

  @Override
  public void bounded(String what) {
    shared.bounded(what);
  }

  @Override
  public void relax() {
    ExploredTask task = running;
    if (task.id() < 0) {
      return;
    }
    int places = task.spin.places();
    if (places == 0) {
      if (fairness.othersCanMove(task) && task.spin.roundWithEffect() > Fairness.ROUNDS_MAX) {
        cut(
            task,
            "at most " + Fairness.ROUNDS_MAX + " rounds of a spin loop that changes something");
      }
      fairness.yield();
    } else {
      int count = Integer.bitCount(places);
      task.spin.await(places, count == 1 ? 0 : (int) new Choice("the change").make(this, count));
    }
  }

  /// Returns the usual choice among `candidates`: see {@link Fairness}.
  int usual(int candidates, int moved) {
    return fairness.usual(candidates, moved);
  }

  private long performAlone(ExploredTask task, SharedObject object, Kind kind, long argument) {
    task.announce(object, kind, argument);
    if (!object.enabled(task)) {
      throw new IllegalStateException("nobody runs yet who could end " + spell(task));
    }
    object.execute(task);
    if (task.status == ExploredTask.Status.BLOCKED) {
      throw new IllegalStateException(
          spell(task) + " would wait for ever, " + object.waiting(task).why());
    }
    return task.result();
  }

  /// Hands over to the task that runs next; returns when `task` may go on.
  private void decide(ExploredTask task) {
    next = pick();
    if (next != task.id()) {
      suspend(task);
    }
  }

  private void suspend(ExploredTask task) {
    Coroutine coroutine = task.coroutine;
    if (coroutine == null) {
      throw new IllegalStateException(task + " cannot be suspended");
    }
    do {
      coroutine.suspend();
    } while (stopping);
  }

  private int pick() {
    if (stopping) {
      return -1;
    }
    int local = roster.local();
    if (local >= 0) {
      return violation == null ? local : stop();
    }
    for (int i = 0; i < eventChecks.size(); i++) {
      inspect(eventChecks.get(i));
    }
    if (violation != null) {
      return stop();
    }
    int enabled = roster.enabled();
    boolean live = roster.live();
    if (enabled == 0 && live) {
      pruned = fairness.choseInVain();
      enabled = pruned ? 0 : fairness.lifted();
    }
    if (enabled == 0) {
      maximal = true;
      strategy.maximal(this);
      if (live && !pruned) {
        note(Hang.of(roster.tasks()));
      }
      return stop();
    }
    int picked = strategy.pick(this, enabled, last);
    if (picked < 0) {
      pruned = true;
      return stop();
    }
    if (Integer.bitCount(enabled) > 1) {
      decisions.decided(picked, Strategy.stay(enabled, last));
    }
    if (picked == last) {
      fairness.picked(true);
    } else {
      switches++;
      last = picked;
      fairness.picked(false);
    }
    return picked;
  }

  private int stop() {
    stopping = true;
    next = -1;
    return -1;
  }

  private static String spell(ExploredTask task) {
    return task.pending().spelling(task);
  }

  @Override
  protected void block(Task task) {
    ((ExploredTask) task).status = ExploredTask.Status.BLOCKED;
  }

  @Override
  protected void grant(Task task) {
    ExploredTask granted = (ExploredTask) task;
    roster.goOn(granted);
    if (recorder != null) {
      recorder.granted(granted);
    }
  }

  // ---- order

  @Override
  protected Stamp publish(Task performer) {
    return publish((ExploredTask) performer, false);
  }

  @Override
  protected Stamp publishUnlock(Task performer) {
    return publish((ExploredTask) performer, true);
  }

  private Stamp publish(ExploredTask task, boolean unlocks) {
    if (task.id() < 0) {
      return Published.NOTHING;
    }
    Message[] observed = Views.NONE;
    Message[] own = Views.NONE;
    Message[] global = Views.NONE;
    Knowledge knows = task.knowledge;
    if (knows != null) {
      observed = knows.observed;
      global = knows.global;
      if (unlocks) {
        own = knows.own;
        knows.unlock();
      }
    }
    Published published = new Published(strategy.eventClock(), task.synced, observed, own, global);
    task.synced = Clock.next(task.synced, task.id(), roster.tasks().length);
    return published;
  }

  @Override
  protected void observe(Task performer, Stamp stamp) {
    observe((ExploredTask) performer, (Published) stamp, false);
  }

  @Override
  protected void observeLock(Task performer, Stamp stamp) {
    observe((ExploredTask) performer, (Published) stamp, true);
  }

  private static void observe(ExploredTask task, Published published, boolean locks) {
    if (task.id() < 0) {
      return;
    }
    task.before = Clock.join(task.before, published.clock());
    task.synced = Clock.join(task.synced, published.synced());
    Knowledge knows = task.knowledge;
    if (knows != null && locks) {
      knows.lock(published);
    } else if (knows != null) {
      knows.acquire(published);
    }
  }

  @Override
  public Stamp nothing() {
    return Published.NOTHING;
  }

  @Override
  public void fence(Fence fence) {
    ExploredTask task = running;
    Knowledge knows = task.knowledge;
    if (knows != null) {
      switch (fence) {
        case READ -> knows.readBarrier();
        case WRITE -> knows.writeBarrier();
        case FULL -> {
          FullFence full = fullFence;
          if (full != null) {
            full.pass();
          }
          return;
        }
      }
    }
    record(TraceEvent.Kind.FENCE, null, fence.word() + "()", null);
  }

  void commit(ExploredTask task) {
    if (task.id() >= 0) {
      strategy.commit(this, task, null, false);
    }
  }

  void commit(ExploredTask task, @Nullable Message source, boolean stores) {
    strategy.commit(this, task, source, stores);
  }

  int choose(ExploredTask task, int count, int[] keys) {
    int chosen = strategy.choose(this, task, count, keys);
    if (chosen < 0) {
      pruned = true;
      stop();
      suspend(task);
    }
    if (count > 1) {
      decisions.decided(chosen, 0);
    }
    return chosen;
  }

  int[] eventClock() {
    return strategy.eventClock();
  }

  int eventDepth() {
    return strategy.eventDepth();
  }

  // ---- what instrumented code tells

  @Override
  protected void plainAccess(Object memory, Object part, PlainAccess.Use use, String where) {
    if (running.id() >= 0 && !stopping) {
      plainMemory().use(this, running, memory, part, use, where);
    }
  }

  @Override
  protected void plainView(Object view, Object origin) {
    plainMemory().view(view, origin);
  }

  @Override
  protected void plainName(Object memory, String name) {
    plainMemory().name(memory, name);
  }

  private PlainMemory plainMemory() {
    PlainMemory memory = plainMemory;
    if (memory == null) {
      memory = new PlainMemory();
      plainMemory = memory;
    }
    return memory;
  }

  @Override
  protected void loop(String where) {
    if (loopsAt != events) {
      loopsAt = events;
      loops = 0;
    }
    if (++loops > LOOPS_MAX) {
      loops = 0;
      fail(
          Violation.of(
              Violation.Kind.LIVELOCK,
              null,
              "every loop comes to its end",
              running + " has gone round the loop at " + where + " " + LOOPS_MAX + " times"));
    }
  }

  // ---- what a program sees

  @Override
  public Task task() {
    return running;
  }

  ExploredTask running() {
    return running;
  }

  @Override
  public long now() {
    int id = running.id();
    return id < 0 ? -1 : (long) id << 32 | running.synced[id];
  }

  @Override
  public boolean precedes(long moment) {
    if (remembers()) {
      // A state does not tell which of the ways that lead to it was gone.
      leaveOut("no search for what happens before what");
    }
    return moment < 0
        || running.id() < 0
        || (int) moment <= Clock.at(running.synced, (int) (moment >> 32));
  }

  @Override
  public String memoryModel() {
    return model.word();
  }

  @Override
  public Location location(String name, Object initial) {
    ExploredLocation location =
        model == MemoryModel.SC
            ? new NewestLocation(this, name, initial)
            : new ViewLocation(this, name, locations++, initial);
    if (recorder != null) {
      recorder.created(location);
    }
    return location;
  }

  @Override
  public int choose(String what, int alternatives) {
    if (running.id() < 0) {
      throw new IllegalStateException("only a task makes choices: " + what);
    }
    running.spin.acted();
    return (int) new Choice(what).make(this, alternatives);
  }

  @Override
  protected int register(SharedObject object) {
    int number = shared.object(running.id(), running.created++);
    if (account != null) {
      account.created(number, object);
    }
    return number;
  }

  @Override
  public void task(String name, Runnable body) {
    roster.declare(name, body);
  }

  @Override
  public void afterEachEvent(Runnable check) {
    eventChecks.add(check);
  }

  @Override
  public void atEnd(Runnable check) {
    endChecks.add(check);
  }

  // ---- what came of it

  @Override
  public void fail(Violation found) {
    note(found);
    ExploredTask task = running;
    if (task.id() < 0) {
      throw new Stopped();
    }
    stop();
    suspend(task);
  }

  private void note(Violation found) {
    if (violation == null) {
      violation = found;
      culprit = running.id();
    }
  }

  @Nullable Violation violation() {
    return violation;
  }

  /// Returns the task that was running when it went wrong, or -1.
  int culprit() {
    return culprit;
  }

  /// Returns whether the execution was given up.
  boolean pruned() {
    return pruned;
  }

  /// Returns whether the execution was given up although no other one covers it.
  boolean cut() {
    return cut;
  }

  /// Returns whether a violation came before the end, so that the rest is unknown.
  boolean brokenOff() {
    return violation != null && !maximal;
  }

  /// Returns the decisions made so far.
  Schedule schedule() {
    return decisions.schedule();
  }

  int events() {
    return events;
  }

  int switches() {
    return switches;
  }

  ExploredTask[] tasks() {
    return roster.tasks();
  }

  String taskName(int id) {
    return roster.tasks()[id].name();
  }

  int objects() {
    return shared.objects();
  }

  // ---- the state

  @Override
  public void boundary(int position) {
    if (running.id() >= 0) {
      running.spin.acted();
      running.boundary(position);
    }
  }

  /// Keeps account of a plain access.
  ///
  /// @param read the value that was read; null for a write
  void accessedPlainly(ExploredTask task, ExploredLocation location, @Nullable Object read) {
    if (account != null) {
      account.accessed(task, location, read);
    }
  }

  /// Adds the state between two events to `into`, for a strategy that asked for it: what decides
  /// the future.
  ///
  /// @throws IllegalArgumentException when a location holds what does not tell its state
  void describe(StateHash into) {
    describeContext(into);
    Objects.requireNonNull(account).describe(roster.tasks(), into);
  }

  // ---- recording

  @Override
  public boolean tracing() {
    return recorder != null && running.id() >= 0 && !stopping;
  }

  @Override
  public void note(TraceEvent.Kind kind, Supplier<String> text) {
    if (recorder != null && tracing()) {
      String line = text.get();
      if (kind == TraceEvent.Kind.CALL) {
        running.enter(line);
      } else if (kind == TraceEvent.Kind.RETURN) {
        running.leave();
      }
      recorder.line(running, kind, line, null, null, tasks());
    }
  }

  void record(
      TraceEvent.Kind kind, @Nullable SharedObject object, String text, @Nullable Object value) {
    if (recorder != null && tracing()) {
      recorder.line(running, kind, text, object, value == null ? null : value.toString(), tasks());
    }
  }

  private void recordPerformed(ExploredTask task) {
    if (recorder != null) {
      recorder.performed(task, tasks());
    }
  }
}
