// SPDX-License-Identifier: MIT
package kvmlab.kernel.memory;

import java.util.Arrays;
import java.util.List;
import java.util.StringJoiner;

/// A straight-line program of a few tasks: a list of instructions for each.
record LitmusProgram(List<List<Instruction>> tasks) {
  static final int CELLS = 3;
  static final int LOCKS = 2;

  LitmusProgram {
    tasks = tasks.stream().map(List::copyOf).filter(task -> !task.isEmpty()).toList();
  }

  /// Reads a program as it prints: a line for each task, `P0: WRITE_ONCE(x, 1); smp_wmb(); ...`.
  static LitmusProgram parse(String text) {
    return new LitmusProgram(
        text.strip()
            .lines()
            .map(line -> line.strip().replaceFirst("P\\d+: *", ""))
            .map(line -> Arrays.stream(line.split(";")).map(Instruction::parse).toList())
            .toList());
  }

  /// Returns how many registers the tasks have together; they are numbered task by task.
  int registers() {
    return (int) tasks.stream().flatMap(List::stream).filter(Instruction::returnsValue).count();
  }

  /// Returns the outcome as the oracle and the machine write it: the registers, then the cells.
  static String outcome(int[] registers, int[] cells) {
    StringBuilder outcome = new StringBuilder(2 * registers.length + 2 * cells.length);
    for (int i = 0; i < registers.length; i++) {
      outcome.append(i == 0 ? "" : " ").append(registers[i]);
    }
    outcome.append(" |");
    for (int cell : cells) {
      outcome.append(' ').append(cell);
    }
    return outcome.toString();
  }

  @Override
  public String toString() {
    StringJoiner lines = new StringJoiner("\n");
    int register = 0;
    for (int i = 0; i < tasks.size(); i++) {
      StringJoiner line = new StringJoiner("; ", "P" + i + ": ", "");
      for (Instruction instruction : tasks.get(i)) {
        line.add((instruction.returnsValue() ? "r" + register++ + " = " : "") + instruction);
      }
      lines.add(line.toString());
    }
    return lines.toString();
  }
}
