// SPDX-License-Identifier: MIT
package kvmlab.kernel.memory;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import kvmlab.explore.Explored;
import kvmlab.explore.Explorer;
import kvmlab.explore.MemoryModel;
import kvmlab.explore.Reduction;
import kvmlab.kernel.Spinlock;
import kvmlab.kernel.SrcuStruct;
import kvmlab.machine.Engine;
import kvmlab.machine.Location;
import kvmlab.machine.Setup;

/// A litmus program on the real primitives, under the explorer.
final class Machine {
  private final LitmusProgram program;
  private final List<Location> cells = new ArrayList<>();
  private final List<Spinlock> locks = new ArrayList<>();
  private SrcuStruct srcu = SrcuStruct.define("ss");
  private int[] registers = {};

  private Machine(LitmusProgram program) {
    this.program = program;
  }

  /// Returns everything that the program may do.
  static SortedSet<String> outcomes(LitmusProgram program) {
    return outcomes(program, MemoryModel.LKMM, Reduction.SOURCE_SETS);
  }

  static SortedSet<String> outcomes(LitmusProgram program, MemoryModel model, Reduction reduction) {
    SortedSet<String> outcomes = new TreeSet<>();
    Machine[] machine = new Machine[1];
    Explored explored =
        new Explorer(
                setup -> {
                  machine[0] = new Machine(program);
                  machine[0].build(setup);
                })
            .model(model)
            .reduction(reduction)
            .goOn()
            .onComplete((execution, violation) -> {
              if (violation != null) {
                throw new AssertionError(violation.seen() + " in\n" + program);
              }
              outcomes.add(machine[0].outcome());
            })
            .explore();
    if (!explored.exhausted()) {
      throw new AssertionError("not exhausted:\n" + program);
    }
    return outcomes;
  }

  private void build(Setup setup) {
    for (int i = 0; i < LitmusProgram.CELLS; i++) {
      cells.add(Engine.current().location(Instruction.cellName(i), 0));
    }
    for (int i = 0; i < LitmusProgram.LOCKS; i++) {
      locks.add(Spinlock.define(Instruction.lockName(i)));
    }
    registers = new int[program.registers()];
    int first = 0;
    for (int i = 0; i < program.tasks().size(); i++) {
      List<Instruction> code = program.tasks().get(i);
      int register = first;
      setup.task("P" + i, () -> run(code, register));
      first += (int) code.stream().filter(Instruction::returnsValue).count();
    }
  }

  private void run(List<Instruction> code, int firstRegister) {
    int register = firstRegister;
    int index = 0;
    for (Instruction instruction : code) {
      switch (instruction) {
        case Instruction.Read read ->
            registers[register++] = (int) cells.get(read.cell()).read(read.order());
        case Instruction.Write write -> cells.get(write.cell()).write(write.value(), write.order());
        case Instruction.Exchange exchange ->
            registers[register++] =
                (int)
                    cells
                        .get(exchange.cell())
                        .update("xchg", old -> exchange.value(), exchange.order());
        case Instruction.CompareExchange attempt ->
            registers[register++] =
                (int)
                    cells
                        .get(attempt.cell())
                        .tryUpdate("cmpxchg", old -> replace(attempt, old), attempt.order());
        case Instruction.Barrier barrier -> Engine.current().fence(barrier.fence());
        case Instruction.SpinLock lock -> locks.get(lock.lock()).lock();
        case Instruction.SpinUnlock unlock -> locks.get(unlock.lock()).unlock();
        case Instruction.SrcuReadLock lock -> index = srcu.readLock();
        case Instruction.SrcuReadUnlock unlock -> srcu.readUnlock(index);
        case Instruction.SynchronizeSrcu sync -> srcu.synchronize();
      }
    }
  }

  private static Object replace(Instruction.CompareExchange attempt, Object old) {
    return (int) old == attempt.expected() ? (Object) attempt.value() : Location.UNCHANGED;
  }

  private String outcome() {
    int[] finals = cells.stream().mapToInt(cell -> (int) cell.latest()).toArray();
    return LitmusProgram.outcome(registers, finals);
  }
}
