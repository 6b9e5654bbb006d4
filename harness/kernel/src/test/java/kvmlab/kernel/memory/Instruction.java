// SPDX-License-Identifier: MIT
package kvmlab.kernel.memory;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kvmlab.machine.Fence;
import kvmlab.machine.Order;

/// One instruction of a litmus program, in the kernel's words: it reads as it prints. Cells and
/// locks are numbered; a cell starts at 0.
sealed interface Instruction {
  String CELL_NAMES = "xyz";
  String LOCK_NAMES = "st";

  /// `READ_ONCE` or `smp_load_acquire`.
  record Read(int cell, Order order) implements Instruction {
    @Override
    public String toString() {
      return (order.acquires() ? "smp_load_acquire" : "READ_ONCE") + "(" + cellName(cell) + ")";
    }
  }

  /// `WRITE_ONCE` or `smp_store_release`.
  record Write(int cell, int value, Order order) implements Instruction {
    @Override
    public String toString() {
      String word = order.releases() ? "smp_store_release" : "WRITE_ONCE";
      return word + "(" + cellName(cell) + ", " + value + ")";
    }
  }

  /// `xchg` and its weaker forms.
  record Exchange(int cell, int value, Order order) implements Instruction {
    @Override
    public String toString() {
      return "xchg" + suffix(order) + "(" + cellName(cell) + ", " + value + ")";
    }
  }

  /// `cmpxchg` and its weaker forms: stores only over the expected value.
  record CompareExchange(int cell, int expected, int value, Order order) implements Instruction {
    @Override
    public String toString() {
      return "cmpxchg%s(%s, %d, %d)".formatted(suffix(order), cellName(cell), expected, value);
    }
  }

  /// `smp_mb`, `smp_rmb`, `smp_wmb`.
  record Barrier(Fence fence) implements Instruction {
    @Override
    public String toString() {
      return fence.word() + "()";
    }
  }

  record SpinLock(int lock) implements Instruction {
    @Override
    public String toString() {
      return "spin_lock(" + lockName(lock) + ")";
    }
  }

  record SpinUnlock(int lock) implements Instruction {
    @Override
    public String toString() {
      return "spin_unlock(" + lockName(lock) + ")";
    }
  }

  record SrcuReadLock() implements Instruction {
    @Override
    public String toString() {
      return "srcu_read_lock(ss)";
    }
  }

  record SrcuReadUnlock() implements Instruction {
    @Override
    public String toString() {
      return "srcu_read_unlock(ss)";
    }
  }

  record SynchronizeSrcu() implements Instruction {
    @Override
    public String toString() {
      return "synchronize_srcu(ss)";
    }
  }

  /// Returns whether the instruction has a register that receives what it reads.
  default boolean returnsValue() {
    return this instanceof Read || this instanceof Exchange || this instanceof CompareExchange;
  }

  /// Returns whether the instruction ends what another one began.
  default boolean closes() {
    return this instanceof SpinUnlock || this instanceof SrcuReadUnlock;
  }

  /// Returns whether the instruction ends what `opening` began.
  default boolean closes(Instruction opening) {
    return switch (this) {
      case SpinUnlock unlock -> opening.equals(new SpinLock(unlock.lock()));
      case SrcuReadUnlock unlock -> opening instanceof SrcuReadLock;
      default -> false;
    };
  }

  static String cellName(int cell) {
    return CELL_NAMES.substring(cell, cell + 1);
  }

  static String lockName(int lock) {
    return LOCK_NAMES.substring(lock, lock + 1);
  }

  private static String suffix(Order order) {
    return order == Order.FULL ? "" : "_" + order.name().toLowerCase(Locale.ROOT);
  }

  /// Reads an instruction as it prints; a register that it assigns to may stand before it.
  static Instruction parse(String text) {
    Matcher call = Pattern.compile("(?:r\\d+ = )?(\\w+)\\((.*)\\)").matcher(text.strip());
    if (!call.matches()) {
      throw new IllegalArgumentException("no instruction: " + text);
    }
    String word = call.group(1);
    String[] operands = call.group(2).split(", *");
    String first = operands[0];
    return switch (word) {
      case "READ_ONCE" -> new Read(cell(first), Order.RELAXED);
      case "smp_load_acquire" -> new Read(cell(first), Order.ACQUIRE);
      case "WRITE_ONCE" -> new Write(cell(first), number(operands[1]), Order.RELAXED);
      case "smp_store_release" -> new Write(cell(first), number(operands[1]), Order.RELEASE);
      case "smp_mb" -> new Barrier(Fence.FULL);
      case "smp_rmb" -> new Barrier(Fence.READ);
      case "smp_wmb" -> new Barrier(Fence.WRITE);
      case "spin_lock" -> new SpinLock(lock(first));
      case "spin_unlock" -> new SpinUnlock(lock(first));
      case "srcu_read_lock" -> new SrcuReadLock();
      case "srcu_read_unlock" -> new SrcuReadUnlock();
      case "synchronize_srcu" -> new SynchronizeSrcu();
      default -> {
        int end = word.indexOf('_');
        Order order =
            end < 0 ? Order.FULL : Order.valueOf(word.substring(end + 1).toUpperCase(Locale.ROOT));
        yield switch (end < 0 ? word : word.substring(0, end)) {
          case "xchg" -> new Exchange(cell(first), number(operands[1]), order);
          case "cmpxchg" ->
              new CompareExchange(cell(first), number(operands[1]), number(operands[2]), order);
          default -> throw new IllegalArgumentException("no instruction: " + text);
        };
      }
    };
  }

  private static int cell(String name) {
    return CELL_NAMES.indexOf(name);
  }

  private static int lock(String name) {
    return LOCK_NAMES.indexOf(name);
  }

  private static int number(String operand) {
    return Integer.parseInt(operand);
  }
}
