// SPDX-License-Identifier: MIT
package kvmlab.lab.instrument;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import kvmlab.machine.PlainAccess;
import kvmlab.machine.PlainAccess.Use;

/// Inserts what surrounds a call that leaves the exercise: each operand that may be a mutable
/// object is told first, and a result that may be a view of one afterwards.
///
/// @param where the place in the source
record CallHooks(CodeBuilder code, Temporaries temporaries, String where) {
  static final ClassDesc PLAIN_ACCESS = ClassDesc.of(PlainAccess.class.getName());

  private static final MethodTypeDesc OBJECT_HOOK =
      MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_Object, ConstantDescs.CD_String);
  private static final MethodTypeDesc VIEW_HOOK =
      MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_Object, ConstantDescs.CD_Object);

  /// Inserts `invoke`, which makes the call, with the hooks around it. The operands are on the
  /// stack.
  void around(Call call, Runnable invoke) {
    int count = call.type().parameterCount();
    int[] arguments = new int[count];
    for (int i = count - 1; i >= 0; i--) {
      arguments[i] = temporaries.store(code, kind(call, i));
    }
    if (call.usesReceiver()) {
      code.dup();
      use(JdkCalls.ofReceiver(call.owner(), call.name()));
    }
    int origin = -1;
    if (call.returnsView() && call.receiver() != null) {
      code.dup();
      origin = temporaries.store(code, TypeKind.REFERENCE);
    } else if (call.returnsView() && kind(call, 0) == TypeKind.REFERENCE) {
      origin = arguments[0];
    }
    for (int i = 0; i < count; i++) {
      code.loadLocal(kind(call, i), arguments[i]);
      if (call.usesArgument(i)) {
        code.dup();
        use(JdkCalls.ofArgument(call.owner(), call.name(), i));
      }
    }
    invoke.run();
    if (origin >= 0) {
      code.dup();
      code.loadLocal(TypeKind.REFERENCE, origin);
      code.invokestatic(PLAIN_ACCESS, "view", VIEW_HOOK);
    }
    temporaries.release();
  }

  private static TypeKind kind(Call call, int argument) {
    return TypeKind.from(call.type().parameterType(argument)).asLoadable();
  }

  private void use(Use use) {
    String hook =
        switch (use) {
          case READ -> "readObject";
          case WRITE -> "writeObject";
          case ADVANCE -> "advanceObject";
        };
    code.ldc(where).invokestatic(PLAIN_ACCESS, hook, OBJECT_HOOK);
  }
}
