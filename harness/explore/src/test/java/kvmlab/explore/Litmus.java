// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import kvmlab.machine.Engine;
import kvmlab.machine.Fence;
import kvmlab.machine.Location;
import kvmlab.machine.Order;
import kvmlab.machine.Program;
import kvmlab.machine.Setup;

/// A small program over cells that start at 0, with registers, and the set of what it may leave in
/// them.
abstract class Litmus {
  Location[] cells = {};
  int[] registers = {};
  private final int cellCount;
  private final int registerCount;
  private final boolean finals;

  Litmus(int cells, int registers, boolean finals) {
    this.cellCount = cells;
    this.registerCount = registers;
    this.finals = finals;
  }

  /// Declares the tasks.
  abstract void tasks(Setup setup);

  final Program program() {
    return setup -> {
      registers = new int[registerCount];
      cells = new Location[cellCount];
      for (int i = 0; i < cellCount; i++) {
        cells[i] = Engine.current().location("xyzw".substring(i, i + 1), 0);
      }
      tasks(setup);
    };
  }

  /// Returns every outcome: the registers, then, if asked for, the final values.
  final SortedSet<String> outcomes(MemoryModel model, Reduction reduction) {
    SortedSet<String> outcomes = new TreeSet<>();
    Explored explored =
        new Explorer(program())
            .model(model)
            .reduction(reduction)
            .goOn()
            .onComplete((execution, violation) -> outcomes.add(outcome()))
            .explore();
    if (!explored.exhausted()) {
      throw new AssertionError("not exhausted");
    }
    return outcomes;
  }

  String outcome() {
    List<String> all = new ArrayList<>(Arrays.stream(registers).mapToObj(String::valueOf).toList());
    if (finals) {
      for (Location cell : cells) {
        all.add(cell.name() + "=" + cell.latest());
      }
    }
    return String.join(" ", all);
  }

  int read(int cell) {
    return (int) cells[cell].read(Order.RELAXED);
  }

  int acquire(int cell) {
    return (int) cells[cell].read(Order.ACQUIRE);
  }

  void write(int cell, int value) {
    cells[cell].write(value, Order.RELAXED);
  }

  void release(int cell, int value) {
    cells[cell].write(value, Order.RELEASE);
  }

  int add(int cell, Order order) {
    return (int) cells[cell].update("add", value -> (int) value + 1, order);
  }

  static void mb() {
    Engine.current().fence(Fence.FULL);
  }

  static void rmb() {
    Engine.current().fence(Fence.READ);
  }

  static void wmb() {
    Engine.current().fence(Fence.WRITE);
  }
}
