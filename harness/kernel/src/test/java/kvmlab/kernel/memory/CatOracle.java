// SPDX-License-Identifier: MIT
package kvmlab.kernel.memory;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import kvmlab.kernel.memory.Event.Type;
import kvmlab.kernel.memory.EventStructure.Condition;
import kvmlab.kernel.memory.EventStructure.Section;
import kvmlab.kernel.memory.LinuxKernelCat.Strengthening;

/// Everything that a litmus program may do by {@link LinuxKernelCat}, found by brute force: every
/// choice of which write each read reads from, and of the order of the writes to each cell, is a
/// candidate.
///
/// Candidates are put together location by location, and what is incoherent or tears an update at
/// one location goes no further.
final class CatOracle {

  /// The outcomes that a program has.
  ///
  /// @param kernel by the kernel's model
  /// @param strengthened with {@link Strengthening#IN_ORDER}; a part of `kernel`
  record Outcomes(SortedSet<String> kernel, SortedSet<String> strengthened) {}

  /// What happens at one location.
  ///
  /// @param part what it contributes to the outcome: see {@link #slot}
  private record Choice(long part, Relation rf, Relation co) {}

  private final EventStructure structure;
  private final LinuxKernelCat kernel;
  private final LinuxKernelCat strengthened;
  private final Outcomes outcomes;
  private final List<List<Choice>> choices = new ArrayList<>();
  private final Set<Long> allowed = new HashSet<>();
  private final Set<Long> allowedStrengthened = new HashSet<>();

  private CatOracle(EventStructure structure, Outcomes outcomes) {
    this.structure = structure;
    this.outcomes = outcomes;
    kernel = new LinuxKernelCat(structure, Strengthening.NONE);
    strengthened = new LinuxKernelCat(structure, Strengthening.IN_ORDER);
  }

  static Outcomes outcomes(LitmusProgram program) {
    Outcomes outcomes = new Outcomes(new TreeSet<>(), new TreeSet<>());
    long conditional =
        program.tasks().stream()
            .flatMap(List::stream)
            .filter(Instruction.CompareExchange.class::isInstance)
            .count();
    for (int successes = 0; successes < 1 << conditional; successes++) {
      new CatOracle(new EventStructure(program, successes), outcomes).enumerate();
    }
    return outcomes;
  }

  private void enumerate() {
    for (int cell = 0; cell < LitmusProgram.CELLS; cell++) {
      choices.add(cell(cell));
    }
    for (int lock = 0; lock < LitmusProgram.LOCKS; lock++) {
      choices.add(lock(lock));
    }
    combine(0, new Choice[choices.size()], 0);
    int registers = structure.registers.size();
    allowed.forEach(code -> outcomes.kernel().add(decode(code, registers)));
    allowedStrengthened.forEach(code -> outcomes.strengthened().add(decode(code, registers)));
  }

  /// Extends a candidate by the choices for one location after the other.
  private void combine(int location, Choice[] chosen, long outcome) {
    if (location == chosen.length) {
      judge(chosen, outcome);
      return;
    }
    for (Choice choice : choices.get(location)) {
      chosen[location] = choice;
      combine(location + 1, chosen, outcome | choice.part());
    }
  }

  private void judge(Choice[] chosen, long outcome) {
    if (allowedStrengthened.contains(outcome)) {
      return;
    }
    Relation rf = Relation.empty(structure.size());
    Relation co = rf;
    for (Choice choice : chosen) {
      rf = rf.or(choice.rf());
      co = co.or(choice.co());
    }
    if (strengthened.allows(rf, co)) {
      allowedStrengthened.add(outcome);
      allowed.add(outcome);
    } else if (!allowed.contains(outcome) && kernel.allows(rf, co)) {
      allowed.add(outcome);
    }
  }

  /// An outcome while it is put together: four bits for each register, then for each cell.
  private static long slot(int number, int value) {
    return (long) value << 4 * number;
  }

  private static String decode(long outcome, int registers) {
    int[] values = new int[registers];
    int[] finals = new int[LitmusProgram.CELLS];
    for (int i = 0; i < registers + finals.length; i++) {
      int value = (int) (outcome >>> 4 * i & 15);
      if (i < registers) {
        values[i] = value;
      } else {
        finals[i - registers] = value;
      }
    }
    return LitmusProgram.outcome(values, finals);
  }

  // ---- one cell

  private List<Choice> cell(int cell) {
    List<Choice> found = new ArrayList<>();
    int[] reads = accesses(cell, Type.READ);
    permute(
        accesses(cell, Type.WRITE),
        1,
        order -> readFrom(order, reads, 0, new int[structure.size()], found));
    return found;
  }

  private int[] accesses(int location, Type type) {
    return IntStream.range(0, structure.size())
        .filter(i -> structure.event(i).location() == location && structure.event(i).type() == type)
        .toArray();
  }

  private void readFrom(int[] order, int[] reads, int next, int[] sources, List<Choice> found) {
    if (next == reads.length) {
      Relation co = Relation.total(structure.size(), order);
      Relation rf = Relation.sources(structure.size(), reads, sources);
      if (LinuxKernelCat.coherence(structure, rf, co) && LinuxKernelCat.atomic(structure, rf, co)) {
        found.add(new Choice(part(order, reads, sources), rf, co));
      }
      return;
    }
    int read = reads[next];
    // From the newest down to the task's own last write: older ones are incoherent.
    for (int i = order.length - 1; i >= 0; i--) {
      int write = order[i];
      boolean torn = structure.updates(read) && (i + 1 == order.length || order[i + 1] != read + 1);
      if (!torn
          && !structure.po.contains(read, write)
          && possible(read, structure.event(write).value())) {
        sources[read] = write;
        readFrom(order, reads, next + 1, sources, found);
      }
      if (structure.po.contains(write, read)) {
        return;
      }
    }
  }

  private long part(int[] order, int[] reads, int[] sources) {
    Event last = structure.event(order[order.length - 1]);
    long part = slot(structure.registers.size() + last.location(), last.value());
    for (int read : reads) {
      part |= slot(structure.registers.indexOf(read), structure.event(sources[read]).value());
    }
    return part;
  }

  private boolean possible(int read, int value) {
    for (Condition condition : structure.conditions) {
      if (condition.read() == read && (condition.expected() == value) != condition.stores()) {
        return false;
      }
    }
    return true;
  }

  // ---- one lock

  private List<Choice> lock(int lock) {
    List<Section> sections = structure.sections(lock);
    int[] numbers = IntStream.range(0, sections.size()).toArray();
    int[] lkrs = sections.stream().mapToInt(Section::lkr).toArray();
    List<Choice> found = new ArrayList<>();
    permute(
        numbers,
        0,
        order -> {
          int[] sources = new int[structure.size()];
          int[] writes = new int[2 * order.length + 1];
          writes[0] = LitmusProgram.CELLS + lock;
          for (int i = 0; i < order.length; i++) {
            Section section = sections.get(order[i]);
            sources[section.lkr()] = writes[2 * i];
            writes[2 * i + 1] = section.lkw();
            writes[2 * i + 2] = section.ul();
          }
          Relation co = Relation.total(structure.size(), writes);
          Relation rf = Relation.sources(structure.size(), lkrs, sources);
          if (LinuxKernelCat.coherence(structure, rf, co)) {
            found.add(new Choice(0, rf, co));
          }
        });
    return found;
  }

  /// Passes on every order of `numbers` that leaves the first `fixed` in place.
  private static void permute(int[] numbers, int fixed, Consumer<int[]> use) {
    if (fixed >= numbers.length) {
      use.accept(numbers);
      return;
    }
    for (int i = fixed; i < numbers.length; i++) {
      swap(numbers, fixed, i);
      permute(numbers, fixed + 1, use);
      swap(numbers, fixed, i);
    }
  }

  private static void swap(int[] numbers, int i, int j) {
    int number = numbers[i];
    numbers[i] = numbers[j];
    numbers[j] = number;
  }
}
