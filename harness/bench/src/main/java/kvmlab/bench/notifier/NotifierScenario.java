// SPDX-License-Identifier: MIT
package kvmlab.bench.notifier;

import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import kvmlab.explore.MemoryModel;
import kvmlab.kernel.LongCell;
import kvmlab.kernel.Mutex;
import kvmlab.machine.Engine;
import kvmlab.machine.Program;

/// A notifier protocol at work, as a program for an explorer.
///
/// @param name the scenario's short name and size, for example `S2 2x1`: invalidators x vCPUs
/// @param model the memory model that the scenario is about
/// @param program the program
/// @param right whether the protocol is right: no execution goes wrong
public record NotifierScenario(String name, MemoryModel model, Program program, boolean right) {

  /// How many tasks of each kind run.
  ///
  /// @param invalidators tasks that invalidate the page once each
  /// @param vcpus tasks that fault on the page once each
  /// @param updaters tasks that publish memslots without the page once each, one after the other
  /// @param retries how often a fault may start over
  public record Size(int invalidators, int vcpus, int updaters, int retries) {

    /// Returns a size with one updater and one retry.
    public static Size of(int invalidators, int vcpus) {
      return new Size(invalidators, vcpus, 1, 1);
    }

    /// Reads what {@link #toString} writes.
    static Size parse(String text) {
      String[] counts = text.split("x");
      int updaters = counts.length > 2 ? Integer.parseInt(counts[2]) : 1;
      return new Size(Integer.parseInt(counts[0]), Integer.parseInt(counts[1]), updaters, 1);
    }

    @Override
    public String toString() {
      String tasks = invalidators + "x" + vcpus;
      return updaters == 1 ? tasks : tasks + "x" + updaters;
    }
  }

  /// Returns the scenario whose name is `name`: `S2 2x1`, `S3`, `S5 no-wake 2x1`.
  ///
  /// @throws IllegalArgumentException if there is none
  public static NotifierScenario named(String name) {
    Size size = size(name);
    return switch (protocol(name)) {
      case "S1" -> unprotected(size);
      case "S2" -> rwsem(size);
      case "S3" -> nested();
      case "S3 count" -> nestedCount();
      case "S4" -> unordered(size.invalidators());
      case "S4 rmb" -> ordered(size.invalidators());
      case "S5" -> count(size);
      case "S5 no-wake" -> countNoWake(size);
      case "S5 late-state" -> countLateState(size);
      default -> throw new IllegalArgumentException("no such scenario: " + name);
    };
  }

  /// Returns the size at the end of a scenario's name; of one that has none, 1x1.
  public static Size size(String name) {
    String last = name.substring(name.lastIndexOf(' ') + 1);
    return last.matches("\\d+x\\d+(x\\d+)?") ? Size.parse(last) : Size.of(1, 1);
  }

  /// Returns a scenario's name without its size.
  public static String protocol(String name) {
    return name.replaceFirst(" \\d+x\\d+(x\\d+)?$", "");
  }

  /// S1: nothing protects the memslots; the count gets out of balance.
  public static NotifierScenario unprotected(Size size) {
    return notifier("S1", NoGuard::new, size, false);
  }

  /// S2: a semaphore, held from start to end.
  public static NotifierScenario rwsem(Size size) {
    return notifier("S2", SlotsRwsem::new, size, true);
  }

  /// S3: the semaphore again, and A waits between start and end for B, which invalidates too.
  public static NotifierScenario nested() {
    return nested("S3", SlotsRwsem::new, false);
  }

  /// S3 with the protocol of S5, which has no such cycle.
  public static NotifierScenario nestedCount() {
    return nested("S3 count", () -> new InvalidateCount(InvalidateCount.Defect.NONE), true);
  }

  /// S4: a fault reads the sequence count and the host's page table in any order.
  public static NotifierScenario unordered(int invalidators) {
    return ordering("S4", false, invalidators);
  }

  /// S4 with the read barrier that it lacks.
  public static NotifierScenario ordered(int invalidators) {
    return ordering("S4 rmb", true, invalidators);
  }

  /// S5: a count under a spinlock, and a wait: what was merged.
  public static NotifierScenario count(Size size) {
    return count("S5", InvalidateCount.Defect.NONE, size);
  }

  /// S5 where the last invalidation wakes nobody.
  public static NotifierScenario countNoWake(Size size) {
    return count("S5 no-wake", InvalidateCount.Defect.NO_WAKE, size);
  }

  /// S5 where the waiter declares that it sleeps too late, and misses the wake-up.
  public static NotifierScenario countLateState(Size size) {
    return count("S5 late-state", InvalidateCount.Defect.LATE_STATE, size);
  }

  /// Returns the scenario under another memory model.
  public NotifierScenario under(MemoryModel other) {
    return new NotifierScenario(name, other, program, right);
  }

  private static NotifierScenario count(String name, InvalidateCount.Defect defect, Size size) {
    boolean right = defect == InvalidateCount.Defect.NONE;
    return notifier(name, () -> new InvalidateCount(defect), size, right);
  }

  private static NotifierScenario notifier(
      String name, Supplier<MemslotsGuard> guard, Size size, boolean right) {
    // Made once: a program is built for every execution.
    List<String> invalidators = numbered("invalidator", size.invalidators());
    List<String> updaters = numbered("updater", size.updaters());
    List<String> vcpus = numbered("vcpu", size.vcpus());
    Program program =
        setup -> {
          NotifierVm vm = new NotifierVm(guard.get(), true);
          for (int i = 0; i < invalidators.size(); i++) {
            int pfn = 2 + i;
            setup.task(invalidators.get(i), () -> invalidate(vm, pfn));
          }
          if (updaters.size() == 1) {
            setup.task("updater", () -> deleteMemslot(vm));
          } else {
            Mutex slotsLock = Mutex.define("slots_lock");
            for (String updater : updaters) {
              setup.task(updater, () -> deleteMemslotLocked(vm, slotsLock));
            }
          }
          for (String vcpu : vcpus) {
            setup.task(vcpu, () -> fault(vm, size.retries()));
          }
          setup.atEnd(vm::checkQuiet);
        };
    return new NotifierScenario(name + " " + size, MemoryModel.SC, program, right);
  }

  private static List<String> numbered(String name, int count) {
    return IntStream.range(0, count).mapToObj(i -> name + " " + i).toList();
  }

  private static void invalidate(NotifierVm vm, int pfn) {
    Engine engine = Engine.current();
    vm.invalidateRangeStart();
    engine.boundary(1);
    vm.changeHostMapping(pfn);
    engine.boundary(2);
    vm.invalidateRangeEnd();
    engine.boundary(3);
  }

  private static void deleteMemslot(NotifierVm vm) {
    vm.deleteMemslot();
    Engine.current().boundary(1);
  }

  private static void fault(NotifierVm vm, int retries) {
    Engine engine = Engine.current();
    for (int i = 0; i <= retries && vm.fault(); i++) {
      engine.boundary(i + 1);
    }
    engine.boundary(retries + 2);
  }

  private static void deleteMemslotLocked(NotifierVm vm, Mutex slotsLock) {
    slotsLock.lock();
    vm.deleteMemslot();
    slotsLock.unlock();
  }

  private static NotifierScenario nested(
      String name, Supplier<MemslotsGuard> guard, boolean right) {
    Program program =
        setup -> {
          NotifierVm vm = new NotifierVm(guard.get(), true);
          LongCell done = new LongCell("b_done", 0);
          setup.task(
              "A",
              () -> {
                vm.invalidateRangeStart();
                done.smpCondLoadAcquire(value -> value == 1);
                vm.invalidateRangeEnd();
              });
          setup.task(
              "B",
              () -> {
                vm.invalidateRangeStart();
                vm.invalidateRangeEnd();
                done.smpStoreRelease(1);
              });
          setup.task("updater", vm::deleteMemslot);
          setup.atEnd(vm::checkQuiet);
        };
    return new NotifierScenario(name, MemoryModel.SC, program, right);
  }

  private static NotifierScenario ordering(String name, boolean readBarrier, int invalidators) {
    List<String> names = numbered("invalidator", invalidators);
    Program program =
        setup -> {
          NotifierVm vm = new NotifierVm(new NoGuard(), readBarrier);
          for (int i = 0; i < names.size(); i++) {
            int pfn = 2 + i;
            setup.task(names.get(i), () -> invalidate(vm, pfn));
          }
          setup.task("vcpu", () -> fault(vm, 1));
          setup.atEnd(vm::checkQuiet);
        };
    return new NotifierScenario(
        name + " " + invalidators + "x1", MemoryModel.LKMM, program, readBarrier);
  }
}
