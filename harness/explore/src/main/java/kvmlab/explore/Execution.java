// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
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

  /// How many events one execution may have before it counts as endless.
  static final int EVENTS_MAX = 5_000;

  /// How many tasks a set of tasks can hold.
  static final int TASKS_MAX = 32;

  /// After how many events in a row of one task the others have their turn, unless the strategy
  /// wants it otherwise: so a loop that waits for another task comes to its end.
  private static final int TURN_MAX = 200;

  /// How often a task may go round a loop that says that it spins, yet changes something.
  private static final int ROUNDS_MAX = 8;

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
  private final boolean remembering;
  private @Nullable SharedObject[] objects = {};
  private final MemoryModel model;
  private final Coroutine.Factory coroutines;
  private final Shared shared;
  private final @Nullable TraceRecorder recorder;
  private final List<Runnable> eventChecks = new ArrayList<>(2);
  private final List<Runnable> endChecks = new ArrayList<>(2);
  private final ExploredTask alone = new ExploredTask(-1, "setup", null, new Spin());
  private final List<ExploredTask> declared = new ArrayList<>(4);
  private ExploredTask[] tasks = {};
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
  // Where the tasks stand, as sets: what `status` says of each, and which announced a read that
  // waits for a value.
  private int local;
  private int ready;
  private int waiting;
  private int ended;

  private boolean stopping;
  private boolean pruned;
  private boolean cut;
  private boolean maximal;

  /// How many events the task that moved last has performed in a row.
  private int turn;

  private @Nullable Violation violation;

  Execution(
      Strategy strategy,
      MemoryModel model,
      Coroutine.Factory coroutines,
      Shared shared,
      @Nullable TraceRecorder recorder) {
    this.strategy = strategy;
    this.remembering = strategy.remembers();
    this.model = model;
    this.coroutines = coroutines;
    this.shared = shared;
    this.recorder = recorder;
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
        running = tasks[next];
        Coroutine coroutine = running.coroutine;
        if (coroutine != null) {
          coroutine.resume();
        }
        if (!stopping && running.status == ExploredTask.Status.DONE) {
          next = pick();
        }
      }
      running = alone;
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
    tasks = declared.toArray(ExploredTask[]::new);
    for (ExploredTask task : tasks) {
      begin(task);
    }
    strategy.begin(this);
    next = violation == null ? pick() : -1;
  }

  private void begin(ExploredTask task) {
    task.synced = Clock.next(Clock.ZERO, task.id(), tasks.length);
    task.coroutine = coroutines.of(() -> body(task));
    local |= 1 << task.id();
  }

  @Override
  protected Task spawn(String name, Runnable body) {
    ExploredTask creator = running;
    if (creator.id() < 0) {
      throw new IllegalStateException("while the program is built, tasks are declared: " + name);
    }
    int id = shared.task(creator.id(), creator.spawned++, declared.size());
    int known = tasks.length;
    if (id >= TASKS_MAX) {
      throw tooManyTasks();
    }
    if (id >= known) {
      tasks = Arrays.copyOf(tasks, id + 1);
      for (int i = known; i < id; i++) {
        // Created by another task in other executions, and in this one perhaps later.
        tasks[i] = new ExploredTask(i, "", null, shared.spin(i));
        tasks[i].status = ExploredTask.Status.DONE;
        ended |= 1 << i;
      }
    }
    ended &= ~(1 << id);
    ExploredTask task = new ExploredTask(id, name, body, shared.spin(id));
    task.createdBy(creator);
    tasks[id] = task;
    begin(task);
    return task;
  }

  private static IllegalStateException tooManyTasks() {
    return new IllegalStateException("an execution has at most " + TASKS_MAX + " tasks");
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
    } catch (AssertionError e) {
      thrown(Violation.Kind.ASSERTION, task, e);
    } catch (Throwable e) {
      thrown(Violation.Kind.EXCEPTION, task, e);
    }
    task.status = ExploredTask.Status.DONE;
    local &= ~(1 << task.id());
    ended |= 1 << task.id();
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
    for (ExploredTask task : tasks) {
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
    int self = 1 << task.id();
    local &= ~self;
    ready |= self;
    if (argument != 0 && object instanceof ExploredLocation) {
      waiting |= self;
    }
    decide(task);
    ready &= ~self;
    waiting &= ~self;
    if (++events > EVENTS_MAX) {
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
      task.status = ExploredTask.Status.LOCAL;
      local |= self;
    }
    if (remembering) {
      remember(task, object);
    }
    return task.result();
  }

  /// Ends an execution that goes on and on: wrong if every task that can move has had its turns.
  private void endless(ExploredTask looping) {
    for (ExploredTask task : tasks) {
      if (task.enabled() && task.movedAt < events - EVENTS_MAX / 2) {
        cut(looping, "executions of at most " + EVENTS_MAX + " events");
      }
    }
    fail(
        Violation.of(
            Violation.Kind.LIVELOCK,
            null,
            "every task comes to its end",
            "livelock: after "
                + EVENTS_MAX
                + " events "
                + looping
                + " still loops in "
                + spell(looping)));
  }

  /// Gives the execution up, which no other one covers.
  private void cut(ExploredTask task, String bound) {
    bounded(bound);
    cut = true;
    pruned = true;
    stop();
    suspend(task);
  }

  /// Returns whether states are recognised that have been seen before.
  boolean remembers() {
    return remembering;
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
      boolean helpless = true;
      for (ExploredTask other : tasks) {
        helpless &= other == task || !other.enabled();
      }
      if (!helpless && task.spin.roundWithEffect() > ROUNDS_MAX) {
        cut(task, "at most " + ROUNDS_MAX + " rounds of a spin loop that changes something");
      }
      turn = TURN_MAX;
    } else {
      int count = Integer.bitCount(places);
      task.spin.await(places, count == 1 ? 0 : (int) new Choice("the change").make(this, count));
    }
  }

  /// Returns the usual choice among `candidates`: to go on with the task that moved last, unless it
  /// has had a long turn; else the next one in the order of their shared.
  int usual(int candidates, int moved) {
    if (turn < TURN_MAX || moved < 0 || candidates == 1 << moved) {
      return Strategy.stay(candidates, moved);
    }
    int later = candidates & -(2 << moved);
    return Integer.numberOfTrailingZeros(later != 0 ? later : candidates);
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
    if (local != 0) {
      return violation == null ? Integer.numberOfTrailingZeros(local) : stop();
    }
    for (int i = 0; i < eventChecks.size(); i++) {
      inspect(eventChecks.get(i));
    }
    if (violation != null) {
      return stop();
    }
    int enabled = ready;
    for (int rest = waiting; rest != 0; rest &= rest - 1) {
      int waiter = rest & -rest;
      if (!tasks[Integer.numberOfTrailingZeros(waiter)].enabled()) {
        enabled &= ~waiter;
      }
    }
    boolean live = Integer.bitCount(ended) < tasks.length;
    if (enabled == 0 && live) {
      enabled = lifted();
    }
    if (enabled == 0) {
      maximal = true;
      strategy.maximal(this);
      if (live && !pruned) {
        note(Hang.of(tasks));
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
      turn++;
    } else {
      switches++;
      last = picked;
      turn = 0;
    }
    return picked;
  }

  /// Nobody can move: returns which spinning task goes on all the same, as a set.
  private int lifted() {
    ExploredTask next = null;
    for (ExploredTask task : tasks) {
      if (task.spinsInVain()) {
        if (task.spin.changedElsewhere()) {
          // The choice of another place to wait for covers this.
          pruned = true;
          return 0;
        }
        if (next == null || task.spin.lifts() < next.spin.lifts()) {
          next = task;
        }
      }
    }
    return next != null && next.spin.lift() ? 1 << next.id() : 0;
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
    granted.status = ExploredTask.Status.LOCAL;
    local |= 1 << granted.id();
    if (recorder != null) {
      recorder.granted(granted);
    }
  }

  // ---- order

  @Override
  protected Stamp publish(Task performer) {
    return publish((ExploredTask) performer, Views.NONE);
  }

  private Stamp publish(ExploredTask task, Message[] own) {
    if (task.id() < 0) {
      return Published.NOTHING;
    }
    Published published =
        new Published(strategy.eventClock(), task.synced, task.observed, own, task.global);
    task.synced = Clock.next(task.synced, task.id(), tasks.length);
    return published;
  }

  @Override
  protected void observe(Task performer, Stamp stamp) {
    ExploredTask task = (ExploredTask) performer;
    if (task.id() < 0) {
      return;
    }
    Published published = (Published) stamp;
    task.before = Clock.join(task.before, published.clock());
    task.synced = Clock.join(task.synced, published.synced());
    if (model == MemoryModel.LKMM) {
      task.global = Views.join(task.global, published.global());
      task.current = Views.join(task.current, published.observed());
      task.observed = Views.join(task.observed, published.observed());
    }
  }

  @Override
  protected Stamp publishUnlock(Task performer) {
    ExploredTask task = (ExploredTask) performer;
    Stamp published = publish(task, task.own);
    task.unlocked = task.observed;
    task.unlockedOwn = task.own;
    task.own = Views.join(task.own, task.observed);
    return published;
  }

  @Override
  protected void observeLock(Task performer, Stamp stamp) {
    observe(performer, stamp);
    ExploredTask task = (ExploredTask) performer;
    if (model == MemoryModel.LKMM && task.id() >= 0) {
      Message[] own = Views.join(task.unlockedOwn, ((Published) stamp).own());
      task.current = Views.join(task.current, task.unlocked);
      task.observed = Views.join(task.observed, task.unlocked);
      task.released = Views.join(task.released, own);
      task.own = Views.join(task.own, task.released);
    }
  }

  @Override
  public Stamp nothing() {
    return Published.NOTHING;
  }

  @Override
  public void fence(Fence fence) {
    ExploredTask task = running;
    if (model == MemoryModel.LKMM && task.id() >= 0) {
      switch (fence) {
        case READ -> task.current = Views.join(task.current, task.observed);
        case WRITE -> task.released = Views.join(task.released, task.own);
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
    return model == MemoryModel.SC
        ? new NewestLocation(this, name, initial)
        : new ViewLocation(this, name, locations++, initial);
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
    if (remembering) {
      if (number >= objects.length) {
        objects = Arrays.copyOf(objects, Math.max(16, number * 2));
      }
      objects[number] = object;
    }
    return number;
  }

  @Override
  public void task(String name, Runnable body) {
    if (declared.size() == TASKS_MAX) {
      throw tooManyTasks();
    }
    int id = declared.size();
    declared.add(new ExploredTask(id, name, body, shared.spin(id)));
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
    }
  }

  @Nullable Violation violation() {
    return violation;
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
    return tasks;
  }

  String taskName(int id) {
    return tasks[id].name();
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

  private void remember(ExploredTask task, SharedObject object) {
    task.history.add(object.id());
    task.history.add(task.result());
    if (object instanceof ExploredLocation location) {
      Location.Access access = (Location.Access) task.kind();
      strategy.accessed(this, task, location, false, access.writes());
      if (access.reads()) {
        strategy.accessed(this, task, location, false, false);
        remember(task, task.value);
      }
    }
  }

  /// Keeps account of a plain access.
  ///
  /// @param read the value that was read; null for a write
  void rememberPlain(ExploredTask task, ExploredLocation location, @Nullable Object read) {
    if (remembering) {
      strategy.accessed(this, task, location, true, read == null);
      if (read != null) {
        remember(task, read);
      }
    }
  }

  private void remember(ExploredTask task, Object value) {
    try {
      task.history.addValue(value);
    } catch (IllegalArgumentException e) {
      cut(task, String.valueOf(e.getMessage()));
    }
  }

  /// Adds the state between two events to `into`: what decides the future.
  ///
  /// @throws IllegalArgumentException when a location holds what does not tell its state
  void describe(StateHash into) {
    if (model == MemoryModel.LKMM) {
      for (SharedObject object : objects) {
        if (object instanceof ViewLocation location) {
          location.floor(tasks);
        }
      }
    }
    describeContext(into);
    for (ExploredTask task : tasks) {
      task.describe(into);
    }
    for (int i = 0; i < objects.length; i++) {
      SharedObject object = objects[i];
      if (object != null) {
        into.add(i);
        object.describe(into);
      }
    }
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
      recorder.line(running, kind, line, null, null);
    }
  }

  void record(
      TraceEvent.Kind kind, @Nullable SharedObject object, String text, @Nullable Object value) {
    if (recorder != null && tracing()) {
      recorder.line(running, kind, text, object, value == null ? null : value.toString());
    }
  }

  private void recordPerformed(ExploredTask task) {
    if (recorder != null) {
      recorder.performed(task);
    }
  }
}
