// SPDX-License-Identifier: MIT
package kvmlab.explore;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import kvmlab.machine.Engine;
import kvmlab.machine.Fence;
import kvmlab.machine.Kind;
import kvmlab.machine.Location;
import kvmlab.machine.Order;
import kvmlab.machine.Program;
import kvmlab.machine.SharedObject;
import kvmlab.machine.Task;
import kvmlab.machine.TraceEvent;
import kvmlab.machine.Violation;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// The counterexample that is shown is a simplest one, and the same whoever found the first.
class SimplifierTest {

  /// A program that goes wrong.
  private record Bug(String name, MemoryModel model, Program program) {
    Explorer explorer() {
      return new Explorer(program).model(model);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /// A lock handed over in the order of the requests.
  private static final class Lock extends SharedObject {
    private final List<Task> queue = new ArrayList<>();
    private @Nullable Task owner;

    private enum Step implements Kind {
      LOCK,
      UNLOCK;

      @Override
      public String word() {
        return name().toLowerCase(java.util.Locale.ROOT);
      }
    }

    Lock(String name) {
      super(name);
    }

    void lock() {
      perform(Step.LOCK, 0);
    }

    void unlock() {
      perform(Step.UNLOCK, 0);
    }

    @Override
    public boolean commutes(Kind one, Kind other) {
      return one != Step.LOCK || other != Step.LOCK;
    }

    @Override
    public void execute(Task task) {
      if (task.kind() == Step.LOCK) {
        if (owner == null) {
          owner = task;
        } else {
          queue.add(task);
          block(task);
        }
      } else {
        owner = queue.isEmpty() ? null : queue.removeFirst();
        if (owner != null) {
          grant(owner);
        }
      }
    }

    @Override
    public void describe(kvmlab.machine.StateHash into) {
      into.add(owner);
      queue.forEach(into::add);
    }
  }

  private static Location cell(String name) {
    return Engine.current().location(name, 0);
  }

  private static int read(Location cell) {
    return (int) cell.read(Order.RELAXED);
  }

  private static void add(Location cell) {
    cell.write(read(cell) + 1, Order.RELAXED);
  }

  private static void never(boolean wrong) {
    if (wrong) {
      throw new AssertionError("never");
    }
  }

  static Stream<Bug> bugs() {
    Map<String, Program> bugs = new LinkedHashMap<>();
    bugs.put(
        "lost update",
        setup -> {
          Location counter = cell("counter");
          setup.task("a", () -> add(counter));
          setup.task("b", () -> add(counter));
          setup.atEnd(() -> never((int) counter.latest() != 2));
        });
    bugs.put(
        "lost update among others",
        setup -> {
          Location counter = cell("counter");
          Location other = cell("other");
          setup.task("noise", () -> add(other));
          setup.task("a", () -> add(counter));
          setup.task("b", () -> add(counter));
          setup.task(
              "reader",
              () -> {
                read(other);
                int first = read(counter);
                never(first == 1 && read(counter) == 1 && read(counter) == 2);
              });
        });
    bugs.put(
        "deadlock",
        setup -> {
          Lock[] locks = {new Lock("x"), new Lock("y"), new Lock("z")};
          for (int i = 0; i < 3; i++) {
            int one = i;
            setup.task(
                "t" + i,
                () -> {
                  locks[one].lock();
                  locks[(one + 1) % 3].lock();
                  locks[(one + 1) % 3].unlock();
                  locks[one].unlock();
                });
          }
        });
    bugs.put(
        "check outside of the lock",
        setup -> {
          Lock lock = new Lock("lock");
          Location free = Engine.current().location("free", 1);
          for (int i = 0; i < 2; i++) {
            setup.task(
                "t" + i,
                () -> {
                  if (read(free) > 0) {
                    lock.lock();
                    free.write(read(free) - 1, Order.RELAXED);
                    never(read(free) < 0);
                    lock.unlock();
                  }
                });
          }
        });
    bugs.put(
        "data race",
        setup -> {
          Location flag = cell("flag");
          Location data = cell("data");
          setup.task(
              "writer",
              () -> {
                data.plainWrite(1);
                flag.write(1, Order.RELAXED);
              });
          setup.task(
              "reader",
              () -> {
                if (read(flag) == 1) {
                  data.plainRead();
                }
              });
        });
    bugs.put(
        "message passing",
        setup -> {
          Location data = cell("data");
          Location flag = cell("flag");
          setup.task(
              "writer",
              () -> {
                data.write(1, Order.RELAXED);
                flag.write(1, Order.RELEASE);
              });
          setup.task("reader", () -> never(read(flag) == 1 && read(data) == 0));
        });
    bugs.put(
        "store buffering",
        setup -> {
          Location x = cell("x");
          Location y = cell("y");
          int[] seen = new int[2];
          setup.task(
              "a",
              () -> {
                x.write(1, Order.RELAXED);
                seen[0] = read(y);
              });
          setup.task(
              "b",
              () -> {
                y.write(1, Order.RELAXED);
                seen[1] = read(x);
              });
          setup.atEnd(() -> never(seen[0] + seen[1] == 0));
        });
    bugs.put(
        "two watched cells together",
        setup -> {
          Location v = cell("v");
          Location w = cell("w");
          v.watch();
          w.watch();
          for (Location mine : List.of(v, w)) {
            setup.task(
                "writer of " + mine.name(),
                () -> {
                  mine.write(1, Order.RELAXED);
                  mine.write(0, Order.RELAXED);
                });
          }
          setup.afterEachEvent(() -> never((int) v.latest() == 1 && (int) w.latest() == 1));
        });
    bugs.put(
        "an unusual input",
        setup -> {
          Location x = cell("x");
          setup.task("noise", () -> Engine.current().choose("colour", 3));
          setup.task(
              "a",
              () -> {
                if (Engine.current().choose("allocation", 2) == 1) {
                  x.write(1, Order.RELAXED);
                }
              });
          setup.task("b", () -> never(read(x) == 1));
        });
    bugs.put(
        "a child that its parent does not wait for",
        setup -> {
          Location x = cell("x");
          setup.task("parent", () -> add(x));
          setup.task("b", () -> never(read(x) == 1 && read(x) == 2));
          setup.task("c", () -> add(x));
        });
    return bugs.entrySet().stream()
        .flatMap(bug ->
            Stream.of(MemoryModel.values())
                .map(model -> new Bug(bug.getKey() + ", " + model.word(), model, bug.getValue())))
        .filter(bug -> bug.explorer().explore().counterexample() != null);
  }

  /// Returns the first wrong execution of a search, as different searches find it.
  private static List<Counterexample> found(MemoryModel model, Explorer explorer) {
    List<Counterexample> found = new ArrayList<>();
    for (Reduction reduction : Reduction.under(model)) {
      found.add(Objects.requireNonNull(explorer.reduction(reduction).explore().counterexample()));
    }
    for (Sampling sampling : List.of(Sampling.pos(), Sampling.walk())) {
      Counterexample sample = explorer.sample(sampling, 2_000).counterexample();
      if (sample != null) {
        found.add(sample);
      }
    }
    return found;
  }

  /// The price of the cheapest wrong execution among all, without leaving anything out.
  private static long cheapest(Bug bug, int most) {
    Shared shared = new Shared();
    for (int bound = 0; bound <= most; bound++) {
      SimplestSearch search = new SimplestSearch(bound, null);
      long best = Long.MAX_VALUE;
      do {
        Execution execution =
            new Execution(search, bug.model(), ContinuationCoroutine::new, shared, null);
        execution.run(bug.program());
        if (execution.violation() != null && search.improved()) {
          best = search.price();
        }
      } while (search.advance());
      if (best != Long.MAX_VALUE) {
        return best;
      }
    }
    return Long.MAX_VALUE;
  }

  private static long price(Bug bug, Strategy strategy) {
    Turns turns = new Turns(strategy);
    new Execution(turns, bug.model(), ContinuationCoroutine::new, new Shared(), null)
        .run(bug.program());
    return turns.price();
  }

  @ParameterizedTest
  @MethodSource("bugs")
  void sameWhoeverFoundTheFirst(Bug bug) {
    Explorer explorer = bug.explorer();
    List<Counterexample> found = found(bug.model(), explorer);
    Route simplest = explorer.replay(explorer.shorten(found.getFirst()).schedule()).route();
    for (Counterexample other : found) {
      assertThat(explorer.replay(explorer.shorten(other).schedule()).route()).isEqualTo(simplest);
    }
  }

  @ParameterizedTest
  @MethodSource("bugs")
  void nothingSimplerGoesWrong(Bug bug) {
    Explorer explorer = bug.explorer();
    Route route = simplest(explorer);
    long price = price(bug, new RouteFollower(route));
    assertThat(price).isEqualTo(cheapest(bug, SimplestSearch.cost(price)));
  }

  /// Without any one interruption or old value the execution goes well, or wrong in another way, or
  /// it is not the way of this program any more. Without the choice of who begins, or goes on where
  /// a task stops, it at least takes more switches.
  @ParameterizedTest
  @MethodSource("bugs")
  void everyTurnIsNeeded(Bug bug) {
    Explorer explorer = bug.explorer();
    Route route = simplest(explorer);
    long price = price(bug, new RouteFollower(route));
    Violation violation = Objects.requireNonNull(explorer.replay(route).violation());
    for (int i = 0; i < route.length(); i++) {
      Route shorter = route.without(i);
      Replayed without = explorer.replay(shorter);
      boolean same =
          without.missed() == null
              && without.violation() != null
              && without.violation().kind() == violation.kind();
      boolean choice =
          route.turns().get(i).kind() == Route.Kind.START
              || route.turns().get(i).kind() == Route.Kind.STOP;
      assertThat(same && !choice).as("goes wrong without turn " + i).isFalse();
      assertThat(same ? price(bug, new RouteFollower(shorter)) : Long.MAX_VALUE)
          .as("price without turn " + i)
          .isGreaterThan(price);
    }
  }

  private static Route simplest(Explorer explorer) {
    Counterexample found = Objects.requireNonNull(explorer.explore().counterexample());
    return explorer.replay(explorer.shorten(found).schedule()).route();
  }

  @Test
  void whoNeedNotRunNeverDoes() {
    Bug bug =
        bugs().filter(each -> each.name().startsWith("check outside")).findFirst().orElseThrow();
    Program withMore =
        setup -> {
          Location other = cell("other");
          setup.task("idle", () -> add(other));
          bug.program().build(setup);
          setup.task("idle too", () -> add(other));
        };
    Explorer explorer = new Explorer(withMore);
    assertThat(explorer.replay(simplest(explorer)).trace().events())
        .extracting(TraceEvent::task)
        .containsOnly(1, 2);
  }

  /// That b ever looks at z is seen only after a has been interrupted, and then it matters where.
  @Test
  void whatIsSeenLateIsSearchedForAgain() {
    Program program =
        setup -> {
          Location x = cell("x");
          Location z = cell("z");
          setup.task(
              "a",
              () -> {
                x.write(1, Order.RELAXED);
                z.write(1, Order.RELAXED);
                x.write(0, Order.RELAXED);
              });
          setup.task("b", () -> never(read(x) == 1 && read(z) == 0));
        };
    Conflicts conflicts = new Conflicts();
    SimplestSearch before = new SimplestSearch(0, conflicts);
    assertThat(goesWrong(program, before)).isFalse();
    assertThat(before.incomplete()).isTrue();
    SimplestSearch first = new SimplestSearch(1, conflicts);
    assertThat(goesWrong(program, first)).isFalse();
    assertThat(first.incomplete()).isTrue();
    assertThat(goesWrong(program, new SimplestSearch(1, conflicts))).isTrue();
  }

  private static boolean goesWrong(Program program, SimplestSearch search) {
    Shared shared = new Shared();
    boolean wrong = false;
    do {
      Execution execution =
          new Execution(search, MemoryModel.SC, ContinuationCoroutine::new, shared, null);
      execution.run(program);
      wrong |= execution.violation() != null;
    } while (search.advance());
    return wrong;
  }

  /// Where the search does not end, the execution that was found is reduced.
  @Test
  void tooLargeToSearchIsReduced() {
    Program large =
        setup -> {
          Location[] cells = new Location[40];
          for (int i = 0; i < cells.length; i++) {
            cells[i] = cell("c" + i);
          }
          for (int t = 0; t < 4; t++) {
            setup.task(
                "t" + t,
                () -> {
                  for (Location cell : cells) {
                    add(cell);
                  }
                });
          }
          setup.atEnd(() -> never((int) cells[20].latest() == 1 && (int) cells[30].latest() == 1));
        };
    Explorer explorer = new Explorer(large);
    Counterexample found =
        Objects.requireNonNull(explorer.sample(Sampling.walk(), 20_000).counterexample());
    Simplifier simplifier =
        new Simplifier(strategy -> {
          Execution execution =
              new Execution(
                  strategy, MemoryModel.SC, ContinuationCoroutine::new, new Shared(), null);
          execution.run(large);
          return execution;
        });
    Route reduced = explorer.replay(simplifier.simplify(found).schedule()).route();
    assertThat(simplifier.executions()).isLessThanOrEqualTo(2 * Simplifier.EXECUTIONS_MAX);
    Replayed replayed = explorer.replay(reduced);
    assertThat(replayed.violation()).isNotNull();
    assertThat(reduced.length()).isLessThan(explorer.replay(found.schedule()).route().length() / 3);
    for (int i = 0; i < reduced.length(); i++) {
      Replayed without = explorer.replay(reduced.without(i));
      assertThat(without.missed() != null || without.violation() == null).isTrue();
    }
  }

  // ---- generated programs

  private record Op(int kind, int cell, int value) {}

  /// Leaving equivalent executions out loses none that is cheaper, nor one that is equally cheap
  /// and shorter.
  @ParameterizedTest
  @EnumSource(MemoryModel.class)
  void leavingOutLosesNothing(MemoryModel model) {
    int wrong = 0;
    for (int seed = 0; seed < 400; seed++) {
      Random random = new Random(seed);
      Bug bug = new Bug("seed " + seed, model, generate(random));
      Explorer explorer = bug.explorer();
      Counterexample found = explorer.explore().counterexample();
      if (found == null) {
        continue;
      }
      wrong++;
      Route route = simplest(explorer);
      long price = price(bug, new RouteFollower(route));
      assertThat(price).as(bug.name()).isEqualTo(cheapest(bug, SimplestSearch.cost(price)));
      Replayed replayed = explorer.replay(route);
      assertThat(replayed.missed()).as(bug.name()).isNull();
      assertThat(replayed.violation()).as(bug.name()).isNotNull();
    }
    assertThat(wrong).as("programs that go wrong").isGreaterThan(100);
  }

  private static Program generate(Random random) {
    int tasks = 2 + random.nextInt(2);
    List<List<Op>> code = new ArrayList<>();
    for (int i = 0; i < tasks; i++) {
      List<Op> ops = new ArrayList<>();
      int count = 2 + random.nextInt(tasks == 2 ? 4 : 2);
      for (int k = 0; k < count; k++) {
        ops.add(new Op(random.nextInt(8), random.nextInt(3), 1 + random.nextInt(2)));
      }
      code.add(ops);
    }
    int wrong = random.nextInt(7);
    return setup -> {
      Location[] cells = {cell("x"), cell("y"), cell("w")};
      cells[2].watch();
      Lock lock = new Lock("lock");
      int[] seen = new int[tasks];
      for (int i = 0; i < tasks; i++) {
        int task = i;
        setup.task(
            "t" + i,
            () -> {
              for (Op op : code.get(task)) {
                seen[task] = seen[task] * 3 + perform(op, cells[op.cell()], lock);
              }
            });
      }
      setup.afterEachEvent(() -> never(wrong == 6 && (int) cells[2].latest() == 2));
      setup.atEnd(() -> {
        int sum = 0;
        for (int i = 0; i < tasks; i++) {
          sum = sum * 5 + seen[i];
        }
        never(sum % 6 == wrong && sum > 0);
      });
    };
  }

  private static int perform(Op op, Location cell, Lock lock) {
    return switch (op.kind()) {
      case 0, 1 -> read(cell);
      case 2 -> (int) cell.read(Order.ACQUIRE);
      case 3 -> {
        cell.write(op.value(), Order.RELAXED);
        yield 0;
      }
      case 4 -> {
        cell.write(op.value(), Order.RELEASE);
        yield 0;
      }
      case 5 -> (int) cell.update("add", v -> (int) v + op.value(), Order.RELAXED);
      case 6 -> {
        lock.lock();
        int value = read(cell);
        cell.write(value + 1, Order.RELAXED);
        lock.unlock();
        yield value;
      }
      default -> {
        Engine.current().fence(Fence.FULL);
        yield 0;
      }
    };
  }
}
