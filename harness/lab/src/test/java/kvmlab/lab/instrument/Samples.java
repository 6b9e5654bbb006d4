// SPDX-License-Identifier: MIT
package kvmlab.lab.instrument;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;
import kvmlab.kernel.LongCell;
import kvmlab.kernel.RefCell;
import kvmlab.kernel.Spinlock;
import kvmlab.machine.Program;
import kvmlab.machine.Setup;

/// Programs as a learner may write them: each races on plain memory, or does not. Tasks are A and
/// B.
final class Samples {

  private Samples() {}

  private static void tasks(Setup setup, Runnable a, Runnable b) {
    setup.task("A", a);
    setup.task("B", b);
  }

  // ---- fields

  static final class RacyField implements Program {
    private long seq;

    @Override
    public void build(Setup setup) {
      tasks(setup, this::bump, this::look);
    }

    private void bump() {
      seq = 1; // written
    }

    private void look() {
      long seen = seq; // read
      if (seen > 1) {
        throw new AssertionError();
      }
    }
  }

  static final class LockedField implements Program {
    private int count;
    private double mean;

    @Override
    public void build(Setup setup) {
      Spinlock lock = Spinlock.define("lock");
      Runnable increment =
          () -> {
            lock.lock();
            count++;
            mean += 0.5;
            lock.unlock();
          };
      tasks(setup, increment, increment);
    }
  }

  static final class FieldReadOutsideItsLock implements Program {
    private int count;

    @Override
    public void build(Setup setup) {
      Spinlock lock = Spinlock.define("lock");
      tasks(
          setup,
          () -> {
            lock.lock();
            count++;
            lock.unlock();
          },
          () -> {
            if (count == 0) {
              lock.lock();
              lock.unlock();
            }
          });
    }
  }

  static final class OnlyRead implements Program {
    private boolean ready = true;

    @Override
    public void build(Setup setup) {
      tasks(setup, () -> look(), () -> look());
    }

    private boolean look() {
      return ready;
    }
  }

  static class Base {
    protected byte state;
  }

  static final class InheritedField extends Base implements Program {
    @Override
    public void build(Setup setup) {
      tasks(setup, () -> state = 1, () -> state = 2);
    }
  }

  static final class OuterFieldFromInnerClass implements Program {
    private int count;

    private final class Inner implements Runnable {
      @Override
      public void run() {
        count++;
      }
    }

    @Override
    public void build(Setup setup) {
      tasks(setup, new Inner(), new Inner());
    }
  }

  static final class StaticField implements Program {
    private static int count;

    @Override
    public void build(Setup setup) {
      tasks(setup, () -> count++, () -> count++);
    }
  }

  static final class FinalFieldsAndRecords implements Program {
    record Point(int x, List<Integer> more) {}

    private final int one = Integer.parseInt("1");
    private final Point point = new Point(one, List.of(1, 2));

    @Override
    public void build(Setup setup) {
      tasks(setup, () -> use(), () -> use());
    }

    private int use() {
      int sum = one + point.x();
      for (int more : point.more()) {
        sum += more;
      }
      return sum + point.toString().length() + point.hashCode();
    }
  }

  // ---- publication

  static final class Box {
    int value;

    Box(int value) {
      this.value = value;
    }
  }

  static final class EarlyBox extends Base {
    int value;

    EarlyBox(int value) {
      this.value = Math.abs(value);
      super();
    }
  }

  static final class PublishedByRelease implements Program {
    @Override
    public void build(Setup setup) {
      RefCell<Box> cell = new RefCell<>("box", null);
      tasks(
          setup,
          () -> cell.smpStoreRelease(new Box(1)),
          () -> {
            Box box = cell.smpLoadAcquire();
            if (box != null && box.value != 1) {
              throw new AssertionError();
            }
          });
    }
  }

  static final class PublishedWithoutOrder implements Program {
    @Override
    public void build(Setup setup) {
      RefCell<Box> cell = new RefCell<>("box", null);
      tasks(setup, () -> cell.writeOnce(new Box(1)), () -> look(cell.readOnce()));
    }

    private static int look(Box box) {
      return box == null ? 0 : box.value;
    }
  }

  static final class WrittenBeforeTheSuperclass implements Program {
    @Override
    public void build(Setup setup) {
      RefCell<EarlyBox> cell = new RefCell<>("box", null);
      tasks(setup, () -> cell.writeOnce(new EarlyBox(1)), () -> look(cell.readOnce()));
    }

    private static int look(EarlyBox box) {
      return box == null ? 0 : box.value;
    }
  }

  // ---- arrays

  static final class RacyElement implements Program {
    private final long[] counts = new long[4];

    @Override
    public void build(Setup setup) {
      tasks(setup, () -> counts[2]++, () -> counts[2] = 7);
    }
  }

  static final class OneElementEach implements Program {
    private final Object[] slots = new Object[2];
    private final boolean[] flags = new boolean[2];

    @Override
    public void build(Setup setup) {
      tasks(setup, () -> put(0), () -> put(1));
      setup.atEnd(() -> {
        if (slots[0] == null || slots[1] == null) {
          throw new AssertionError();
        }
      });
    }

    private void put(int index) {
      slots[index] = "x";
      flags[index] = !flags[index];
    }
  }

  static final class ArrayCapturedByLambda implements Program {
    @Override
    public void build(Setup setup) {
      int[] count = {0};
      tasks(setup, () -> count[0]++, () -> count[0]++);
    }
  }

  static final class ArrayFilledByTheJdk implements Program {
    private final int[] counts = new int[4];

    @Override
    public void build(Setup setup) {
      tasks(setup, () -> java.util.Arrays.fill(counts, 1), () -> look());
    }

    private int look() {
      return counts[3];
    }
  }

  // ---- objects of the JDK

  static final class RacyList implements Program {
    private final List<Integer> list = new ArrayList<>();

    @Override
    public void build(Setup setup) {
      tasks(setup, () -> list.add(1), () -> look());
    }

    private int look() {
      return list.size();
    }
  }

  static final class LockedList implements Program {
    private final List<Integer> list = new ArrayList<>();

    @Override
    public void build(Setup setup) {
      Spinlock lock = Spinlock.define("lock");
      Runnable use =
          () -> {
            lock.lock();
            list.add(list.size());
            for (int one : list) {
              if (one < 0) {
                throw new AssertionError();
              }
            }
            lock.unlock();
          };
      tasks(setup, use, use);
    }
  }

  static final class ListReadByBoth implements Program {
    private final List<LongCell> cells = new ArrayList<>();

    @Override
    public void build(Setup setup) {
      for (int i = 0; i < 3; i++) {
        cells.add(new LongCell("cell" + i, 0));
      }
      tasks(setup, () -> use(), () -> use());
    }

    private void use() {
      cells.forEach(cell -> cell.writeOnce(1));
      cells.get(0).readOnce();
      cells.stream().map(LongCell::readOnce).collect(Collectors.toList());
    }
  }

  static final class ConfinedHelpers implements Program {
    @Override
    public void build(Setup setup) {
      tasks(setup, () -> use(), () -> use());
    }

    private static String use() {
      Map<String, List<Integer>> map = new HashMap<>();
      map.computeIfAbsent("a", key -> new ArrayList<>()).add(1);
      StringBuilder text = new StringBuilder();
      for (Map.Entry<String, List<Integer>> entry : map.entrySet()) {
        text.append(entry.getKey()).append(entry.getValue());
      }
      Box box = new Box(3);
      box.value++;
      int[] sum = {0};
      List.of(1, 2).forEach(one -> sum[0] += one);
      return text + " " + map + sum[0];
    }
  }

  static final class IteratorKeptAfterUnlock implements Program {
    private final List<Integer> list = new ArrayList<>(List.of(1, 2));

    @Override
    public void build(Setup setup) {
      Spinlock lock = Spinlock.define("lock");
      tasks(
          setup,
          () -> {
            lock.lock();
            Iterator<Integer> all = list.iterator();
            lock.unlock();
            all.next();
          },
          () -> {
            lock.lock();
            list.set(0, 3);
            lock.unlock();
          });
    }
  }

  static final class MapChangedThroughItsEntries implements Program {
    private final Map<String, Integer> map = new HashMap<>(Map.of("a", 1));

    @Override
    public void build(Setup setup) {
      tasks(
          setup,
          () -> {
            for (Map.Entry<String, Integer> entry : map.entrySet()) {
              entry.setValue(2);
            }
          },
          () -> look());
    }

    private int look() {
      return map.get("a");
    }
  }

  static final class RacyMethodReference implements Program {
    private final ArrayDeque<Integer> queue = new ArrayDeque<>();

    @Override
    public void build(Setup setup) {
      Consumer<Integer> push = queue::push;
      tasks(setup, () -> push.accept(1), queue::poll);
    }
  }

  static final class RacyStringBuilder implements Program {
    private final StringBuilder text = new StringBuilder();

    @Override
    public void build(Setup setup) {
      tasks(setup, () -> text.append(1L).append('x'), () -> look());
    }

    private String look() {
      return "is " + text;
    }
  }

  @SuppressWarnings("serial")
  static final class OwnList extends ArrayList<Integer> {
    void twice(Integer one) {
      add(one);
      super.add(one);
    }
  }

  static final class RacyOwnList implements Program {
    private final OwnList list = new OwnList();

    @Override
    public void build(Setup setup) {
      tasks(setup, () -> list.twice(1), () -> list.twice(2));
    }
  }

  static final class ReferencesKeptNotFollowed implements Program {
    @Override
    public void build(Setup setup) {
      Spinlock outer = Spinlock.define("outer");
      Spinlock inner = Spinlock.define("inner");
      List<List<Integer>> lists = new ArrayList<>();
      List<Integer> one = new ArrayList<>();
      tasks(
          setup,
          () -> {
            outer.lock();
            lists.add(one);
            outer.unlock();
          },
          () -> {
            inner.lock();
            one.add(1);
            inner.unlock();
          });
    }
  }

  // ---- loops

  static final class EndlessLoop implements Program {
    private int turns;

    @Override
    public void build(Setup setup) {
      setup.task(
          "A",
          () -> {
            while (turns >= 0) { // endless
              turns = turns + 1 & 3;
            }
          });
    }
  }

  static final class LongLoop implements Program {
    @Override
    public void build(Setup setup) {
      IntConsumer nothing = i -> {};
      setup.task(
          "A",
          () -> {
            for (int i = 0; i < 10_000; i++) {
              nothing.accept(i);
            }
          });
    }
  }

  static final class EndlessStream implements Program {
    @Override
    public void build(Setup setup) {
      setup.task("A", () -> java.util.stream.Stream.iterate(0, i -> i).forEach(i -> {}));
    }
  }
}
