// SPDX-License-Identifier: MIT
package kvmlab.lab.instrument;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.DirectMethodHandleDesc.Kind;
import java.lang.constant.MethodHandleDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.AccessFlag;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/// Methods that stand in for those of the JDK to which a method reference refers: `list::add` is
/// called by the JDK, out of sight; its bridge is a call that can be seen.
final class Bridges {
  private final ClassDesc type;
  private final boolean isInterface;
  private final Map<DirectMethodHandleDesc, Bridge> bridges = new LinkedHashMap<>();

  private record Bridge(String name, MethodTypeDesc type, String where) {}

  Bridges(ClassModel model) {
    type = model.thisClass().asSymbol();
    isInterface = model.flags().has(AccessFlag.INTERFACE);
  }

  /// Returns a handle of a method that does what `target` does.
  DirectMethodHandleDesc bridge(DirectMethodHandleDesc target, String where) {
    Bridge bridge =
        bridges.computeIfAbsent(
            target, any -> new Bridge("plain$" + bridges.size(), target.invocationType(), where));
    return MethodHandleDesc.ofMethod(
        isInterface ? Kind.INTERFACE_STATIC : Kind.STATIC, type, bridge.name(), bridge.type());
  }

  void build(ClassBuilder builder, OwnClasses own) {
    int flags = ClassFile.ACC_PRIVATE | ClassFile.ACC_STATIC | ClassFile.ACC_SYNTHETIC;
    bridges.forEach((target, bridge) ->
        builder.withMethodBody(
            bridge.name(), bridge.type(), flags, code -> body(code, target, bridge, own)));
  }

  private static void body(
      CodeBuilder code, DirectMethodHandleDesc target, Bridge bridge, OwnClasses own) {
    boolean creates = target.kind() == Kind.CONSTRUCTOR;
    if (creates) {
      code.new_(target.owner()).dup();
    }
    int slot = 0;
    for (ClassDesc parameter : bridge.type().parameterList()) {
      TypeKind kind = TypeKind.from(parameter);
      code.loadLocal(kind, slot);
      slot += kind.slotSize();
    }
    Call call = Objects.requireNonNull(Call.of(target, own));
    new CallHooks(code, new Temporaries(), bridge.where()).around(call, () -> invoke(code, target));
    ClassDesc result = bridge.type().returnType();
    code.return_(TypeKind.from(result));
  }

  private static void invoke(CodeBuilder code, DirectMethodHandleDesc target) {
    ClassDesc owner = target.owner();
    String name = target.methodName();
    MethodTypeDesc type = MethodTypeDesc.ofDescriptor(target.lookupDescriptor());
    switch (target.kind()) {
      case STATIC -> code.invokestatic(owner, name, type, false);
      case INTERFACE_STATIC -> code.invokestatic(owner, name, type, true);
      case INTERFACE_VIRTUAL -> code.invokeinterface(owner, name, type);
      case CONSTRUCTOR -> code.invokespecial(owner, ConstantDescs.INIT_NAME, type);
      default -> code.invokevirtual(owner, name, type);
    }
  }
}
