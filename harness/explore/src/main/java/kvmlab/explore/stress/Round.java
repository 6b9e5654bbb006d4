// SPDX-License-Identifier: MIT
package kvmlab.explore.stress;

import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import kvmlab.machine.Engine;
import kvmlab.machine.Fence;
import kvmlab.machine.Kind;
import kvmlab.machine.Location;
import kvmlab.machine.Setup;
import kvmlab.machine.SharedObject;
import kvmlab.machine.Stamp;
import kvmlab.machine.Task;
import kvmlab.machine.TraceEvent;
import kvmlab.machine.Violation;
import org.jspecify.annotations.Nullable;

/// One run of a program on real threads.
///
/// The events of a shared object are performed under its monitor, so a primitive needs to know
/// nothing of threads: its events come one at a time, and a task that is granted something sees
/// what the granting task did before. That is more than the kernel promises: any two events of one
/// object are ordered here, whatever their stamps say, so a missing order between them is for the
/// explorer to find.
///
/// A blocked task parks until it is granted; whoever grants need not own anything.
final class Round extends Engine implements Setup {
  private static final int SPINS_MAX = 100;
  private static final int YIELDS_MAX = 200;
  private static final long PARK_NANOS = 20_000;
  private static final Stamp NOTHING = new Order();

  /// What orders events here is the monitors, so a stamp has nothing to say.
  private record Order() implements Stamp {
    @Override
    public Stamp join(Stamp other) {
      return this;
    }
  }

  /// Unwinds a task, or the building or inspecting code, once the round is over.
  static final class Unwound extends Error {
    private static final long serialVersionUID = 1L;

    Unwound() {
      super(null, null, false, false);
    }
  }

  private final Crew crew;
  private final long seed;
  private final long number;
  private final boolean quiet;
  private final StressTask alone = new StressTask(-1, "setup", () -> {});
  private final List<StressTask> tasks = new CopyOnWriteArrayList<>();
  private final List<Runnable> eventChecks = new ArrayList<>(2);
  private final List<Runnable> endChecks = new ArrayList<>(2);
  private final AtomicInteger objects = new AtomicInteger();
  private final AtomicReference<@Nullable Violation> violation = new AtomicReference<>();
  private volatile boolean stopping;

  Round(Crew crew, long seed, long number, boolean quiet) {
    this.crew = crew;
    this.seed = seed;
    this.number = number;
    this.quiet = quiet;
  }

  // ---- running

  /// Makes this the engine of the calling thread, which is about to build, to run a task or to
  /// inspect.
  void enter() {
    bind(this);
  }

  void leave() {
    bind(null);
  }

  /// Runs the body of `task` on the calling thread.
  void run(StressTask task) {
    enter();
    try {
      task.body.run();
      task.exit();
    } catch (Unwound e) {
      // The round is over.
    } catch (AssertionError e) {
      thrown(Violation.Kind.ASSERTION, task, e);
    } catch (Throwable e) {
      thrown(Violation.Kind.EXCEPTION, task, e);
    } finally {
      leave();
      task.doing = StressTask.Doing.END;
    }
  }

  private void thrown(Violation.Kind kind, StressTask task, Throwable e) {
    String seen = e instanceof AssertionError ? String.valueOf(e.getMessage()) : e.toString();
    stop(new Violation(kind, null, task + " ends normally", seen, e));
  }

  /// Runs building or checking code: nobody else runs now. Returns whether nothing is wrong.
  boolean inspect(Runnable code) {
    try {
      code.run();
    } catch (Unwound e) {
      // The violation has been noted.
    } catch (AssertionError e) {
      String seen = String.valueOf(e.getMessage());
      stop(
          new Violation(
              Violation.Kind.ASSERTION, null, "the checks of the scenario hold", seen, e));
    } catch (RuntimeException e) {
      stop(
          new Violation(
              Violation.Kind.EXCEPTION, null, "the scenario can be set up", e.toString(), e));
    }
    return !stopping;
  }

  /// Makes the checks of the program, every task having ended. Those for after each event look at
  /// several objects, which do not stand still before.
  void inspectEnd() {
    for (Runnable check : eventChecks) {
      inspect(check);
    }
    for (Runnable check : endChecks) {
      inspect(check);
    }
  }

  /// Ends the round: every task is unwound at its next event, or out of its wait.
  void stop(@Nullable Violation found) {
    violation.compareAndSet(null, found);
    stopping = true;
    for (StressTask task : tasks) {
      LockSupport.unpark(task.thread);
    }
  }

  @Nullable Violation violation() {
    return violation.get();
  }

  List<StressTask> tasks() {
    return tasks;
  }

  private StressTask caller() {
    return Thread.currentThread() instanceof Crew.Member member ? member.task() : alone;
  }

  // ---- events

  /// Opens an event of the calling task.
  void begin() {
    StressTask task = caller();
    if (task.id() >= 0) {
      if (stopping) {
        throw new Unwound();
      }
      task.noise.make();
      task.count();
    }
  }

  @Override
  protected long perform(SharedObject object, Kind kind, long argument) {
    begin();
    StressTask task = caller();
    task.announce(object, kind, argument);
    if (!executed(task, object)) {
      waitFor(task, () -> executed(task, object));
    }
    if (task.blocked()) {
      awaitGrant(task);
    }
    return task.result();
  }

  private static boolean executed(StressTask task, SharedObject object) {
    synchronized (object) {
      boolean enabled = object.enabled(task);
      if (enabled) {
        object.execute(task);
      }
      return enabled;
    }
  }

  /// Waits until `condition`, which belongs to an access of `location`, holds.
  void await(Location location, Kind kind, BooleanSupplier condition) {
    if (!condition.getAsBoolean()) {
      StressTask task = caller();
      task.announce(location, kind, 0);
      waitFor(task, condition);
    }
  }

  private void waitFor(StressTask task, BooleanSupplier condition) {
    requireOthers(task);
    task.doing = StressTask.Doing.AWAIT;
    for (int looks = 1; !condition.getAsBoolean(); looks++) {
      if (stopping) {
        throw new Unwound();
      }
      task.looks = looks;
      if (looks < SPINS_MAX) {
        Thread.onSpinWait();
      } else if (looks < YIELDS_MAX) {
        Thread.yield();
      } else {
        LockSupport.parkNanos(this, PARK_NANOS);
      }
    }
    task.doing = StressTask.Doing.RUN;
  }

  private void awaitGrant(StressTask task) {
    requireOthers(task);
    task.doing = StressTask.Doing.BLOCK;
    for (int looks = 1; !task.granted(); looks++) {
      if (stopping) {
        throw new Unwound();
      }
      if (looks < SPINS_MAX) {
        Thread.onSpinWait();
      } else {
        LockSupport.park(this);
      }
    }
    task.doing = StressTask.Doing.RUN;
  }

  private static void requireOthers(StressTask task) {
    if (task.id() < 0) {
      throw new IllegalStateException("nobody runs who could end " + spell(task));
    }
  }

  /// Returns the pending event of a task in C spelling.
  static String spell(StressTask task) {
    SharedObject object = task.object();
    if (object == null) {
      return "nothing";
    }
    return object instanceof StressLocation
        ? task.kind().word() + "(" + object.name() + ")"
        : object.spelling(task);
  }

  @Override
  protected boolean ask(SharedObject object, BooleanSupplier question) {
    synchronized (object) {
      return question.getAsBoolean();
    }
  }

  @Override
  protected void block(Task task) {
    ((StressTask) task).block();
  }

  @Override
  protected void grant(Task task) {
    ((StressTask) task).grant();
  }

  @Override
  protected Stamp publish(Task task) {
    return NOTHING;
  }

  @Override
  protected void observe(Task task, Stamp stamp) {}

  @Override
  public Stamp nothing() {
    return NOTHING;
  }

  @Override
  public void fence(Fence fence) {
    switch (fence) {
      case READ -> VarHandle.loadLoadFence();
      case WRITE -> VarHandle.storeStoreFence();
      case FULL -> VarHandle.fullFence();
    }
  }

  /// Nothing here tells a race between accesses that are no events; a loop without events is where
  /// a task that has to stop can be stopped.
  @Override
  protected void loop(String where) {
    if (stopping) {
      throw new Unwound();
    }
  }

  // ---- what a program sees

  @Override
  public Task task() {
    return caller();
  }

  @Override
  public boolean concurrent() {
    return true;
  }

  @Override
  public String memoryModel() {
    return "hardware";
  }

  @Override
  public Location location(String name, Object initial) {
    return new StressLocation(this, name, initial);
  }

  @Override
  public int choose(String what, int alternatives) {
    StressTask task = caller();
    if (task.id() < 0) {
      throw new IllegalStateException("only a task makes choices: " + what);
    }
    return task.noise.choose(alternatives);
  }

  @Override
  public void bounded(String what) {}

  @Override
  public void boundary(int position) {}

  @Override
  public void fail(Violation found) {
    stop(found);
    throw new Unwound();
  }

  @Override
  public boolean tracing() {
    return false;
  }

  @Override
  public void note(TraceEvent.Kind kind, Supplier<String> text) {}

  @Override
  protected int register(SharedObject object) {
    return objects.getAndIncrement();
  }

  @Override
  public void task(String name, Runnable body) {
    declare(name, body);
  }

  private synchronized StressTask declare(String name, Runnable body) {
    StressTask task = new StressTask(tasks.size(), name, body);
    if (!quiet) {
      task.noise.seed(seed, number, task.id());
    }
    tasks.add(task);
    return task;
  }

  /// Starts a task from within another.
  @Override
  protected Task spawn(String name, Runnable body) {
    StressTask task = declare(name, body);
    crew.join(this, task);
    return task;
  }

  /// Lets others run: the calling task goes round a loop until one of them has changed something.
  @Override
  public void relax() {
    if (stopping) {
      throw new Unwound();
    }
    Thread.yield();
  }

  @Override
  public void afterEachEvent(Runnable check) {
    eventChecks.add(check);
  }

  @Override
  public void atEnd(Runnable check) {
    endChecks.add(check);
  }
}
