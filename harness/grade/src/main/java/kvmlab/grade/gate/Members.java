// SPDX-License-Identifier: MIT
package kvmlab.grade.gate;

import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.Instruction;
import java.lang.classfile.MethodModel;
import java.lang.classfile.constantpool.InvokeDynamicEntry;
import java.lang.classfile.constantpool.LoadableConstantEntry;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.MethodHandleEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LineNumber;
import java.lang.classfile.instruction.NewObjectInstruction;
import java.lang.classfile.instruction.TypeCheckInstruction;
import java.util.List;

/// Where a class file declares a member, and where it uses one.
final class Members {

  private Members() {}

  static boolean declares(ClassModel model, MemberRefEntry member) {
    return model.methods().stream()
            .anyMatch(m ->
                m.methodName().equalsString(member.name().stringValue())
                    && m.methodType().equalsString(member.type().stringValue()))
        || model.fields().stream()
            .anyMatch(f ->
                f.fieldName().equalsString(member.name().stringValue())
                    && f.fieldType().equalsString(member.type().stringValue()));
  }

  /// The source line that first uses `entry`; 0 if no instruction does.
  static int lineOf(ClassModel model, PoolEntry entry) {
    for (MethodModel method : model.methods()) {
      int line = 0;
      for (CodeElement element : method.code().map(c -> c.elementList()).orElse(List.of())) {
        if (element instanceof LineNumber number) {
          line = number.line();
        } else if (element instanceof Instruction instruction && uses(instruction, entry)) {
          return line;
        }
      }
    }
    return 0;
  }

  private static boolean uses(Instruction instruction, PoolEntry entry) {
    return switch (instruction) {
      case InvokeInstruction i -> i.method().index() == entry.index();
      case FieldInstruction f -> f.field().index() == entry.index();
      case NewObjectInstruction n -> n.className().index() == entry.index();
      case TypeCheckInstruction t -> t.type().index() == entry.index();
      case InvokeDynamicInstruction d -> mentions(d.invokedynamic(), entry);
      default -> false;
    };
  }

  /// Whether a method reference or lambda is made from `entry`.
  private static boolean mentions(InvokeDynamicEntry dynamic, PoolEntry entry) {
    for (LoadableConstantEntry argument : dynamic.bootstrap().arguments()) {
      if (argument instanceof MethodHandleEntry handle
          && handle.reference().index() == entry.index()) {
        return true;
      }
    }
    return false;
  }
}
