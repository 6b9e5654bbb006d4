// SPDX-License-Identifier: MIT
package kvmlab.kernel.memory;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import kvmlab.kernel.memory.Instruction.Barrier;
import kvmlab.kernel.memory.Instruction.CompareExchange;
import kvmlab.kernel.memory.Instruction.Exchange;
import kvmlab.kernel.memory.Instruction.Read;
import kvmlab.kernel.memory.Instruction.SpinLock;
import kvmlab.kernel.memory.Instruction.SpinUnlock;
import kvmlab.kernel.memory.Instruction.SrcuReadLock;
import kvmlab.kernel.memory.Instruction.SrcuReadUnlock;
import kvmlab.kernel.memory.Instruction.SynchronizeSrcu;
import kvmlab.kernel.memory.Instruction.Write;
import kvmlab.machine.Fence;
import kvmlab.machine.Order;

/// Small random programs, weighted towards what a wrong rule would show in: few cells, barriers
/// between accesses, critical sections with accesses inside and outside.
final class ProgramGenerator {

  /// What a program is made of, besides accesses and barriers.
  enum Theme {
    ACCESSES,
    UPDATES,
    LOCKS,
    SRCU,
    ALL
  }

  private final Random random;
  private final Theme theme;
  private final int tasks;
  private final int accessesMax;
  private final int[] values = new int[LitmusProgram.CELLS];
  private final int cells;
  private final boolean barriers;
  private final boolean orders;
  private int accesses;

  /// Full barriers left: the explorer runs through every order of them.
  private int fullLeft = 4;

  private List<Instruction> code = new ArrayList<>();
  private int held = -1;
  private boolean reading;

  private ProgramGenerator(long seed, boolean big) {
    random = new Random(seed);
    theme = Theme.values()[random.nextInt(Theme.values().length)];
    tasks = big ? 4 : 2 + random.nextInt(2);
    accessesMax = big ? 8 : 7;
    cells = tasks == 2 ? 2 : 2 + random.nextInt(2);
    barriers = random.nextInt(4) != 0;
    orders = random.nextInt(4) != 0;
  }

  /// Returns the program of a seed.
  ///
  /// @param big whether it has four tasks, instead of two or three
  static LitmusProgram generate(long seed, boolean big) {
    return new ProgramGenerator(seed, big).program();
  }

  private LitmusProgram program() {
    List<List<Instruction>> program = new ArrayList<>();
    for (int i = 0; i < tasks; i++) {
      program.add(task());
    }
    return new LitmusProgram(program);
  }

  private List<Instruction> task() {
    code = new ArrayList<>();
    int count = 1 + random.nextInt(tasks == 2 ? 4 : 3);
    for (int i = 0; i < count && accesses < accessesMax; i++) {
      open();
      access();
      if (random.nextInt(2) == 0) {
        close();
      }
      if (i + 1 < count) {
        between();
      }
    }
    close();
    return code;
  }

  private boolean with(Theme wanted) {
    return (theme == wanted || theme == Theme.ALL) && random.nextInt(2) == 0;
  }

  private void open() {
    if (held < 0 && with(Theme.LOCKS)) {
      held = random.nextInt(LitmusProgram.LOCKS);
      code.add(new SpinLock(held));
    }
    if (!reading && with(Theme.SRCU) && random.nextInt(3) != 0) {
      reading = true;
      code.add(new SrcuReadLock());
    }
  }

  private void close() {
    if (reading) {
      code.add(new SrcuReadUnlock());
      reading = false;
    }
    if (held >= 0) {
      code.add(new SpinUnlock(held));
      held = -1;
    }
  }

  private void between() {
    if (!reading && held < 0 && fullLeft >= 2 && with(Theme.SRCU)) {
      fullLeft -= 2;
      code.add(new SynchronizeSrcu());
    } else if (barriers && random.nextInt(2) == 0) {
      Fence fence = Fence.values()[random.nextInt(3)];
      if (fence != Fence.FULL || fullLeft-- > 0) {
        code.add(new Barrier(fence));
      }
    }
  }

  private void access() {
    accesses++;
    int cell = random.nextInt(cells);
    boolean ordered = orders && random.nextInt(3) == 0;
    if (with(Theme.UPDATES)) {
      Order order = orders ? Order.values()[random.nextInt(4)] : Order.RELAXED;
      if (order == Order.FULL && (fullLeft -= 2) < 0) {
        order = Order.ACQUIRE;
      }
      code.add(
          random.nextInt(3) == 0
              ? new CompareExchange(cell, random.nextInt(3), ++values[cell], order)
              : new Exchange(cell, ++values[cell], order));
    } else if (random.nextBoolean()) {
      code.add(new Read(cell, ordered ? Order.ACQUIRE : Order.RELAXED));
    } else {
      code.add(new Write(cell, ++values[cell], ordered ? Order.RELEASE : Order.RELAXED));
    }
  }
}
