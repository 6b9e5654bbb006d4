// SPDX-License-Identifier: MIT
package kvmlab.lab.instrument;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// Local variables of a method for what is on the stack above something that is looked at. Taken
/// for one instruction at a time, then free again.
final class Temporaries {
  private final Map<TypeKind, Deque<Integer>> free = new EnumMap<>(TypeKind.class);
  private final List<Taken> taken = new ArrayList<>();

  private record Taken(Deque<Integer> home, int slot) {}

  /// Moves what is on the stack, of the given kind, to a variable; returns its slot.
  int store(CodeBuilder code, TypeKind kind) {
    Deque<Integer> slots = free.computeIfAbsent(kind, any -> new ArrayDeque<>());
    int slot = slots.isEmpty() ? code.allocateLocal(kind) : slots.pop();
    taken.add(new Taken(slots, slot));
    code.storeLocal(kind, slot);
    return slot;
  }

  void release() {
    taken.forEach(local -> local.home().push(local.slot()));
    taken.clear();
  }
}
