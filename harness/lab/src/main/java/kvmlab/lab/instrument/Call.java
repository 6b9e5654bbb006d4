// SPDX-License-Identifier: MIT
package kvmlab.lab.instrument;

import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.DirectMethodHandleDesc.Kind;
import java.lang.constant.MethodTypeDesc;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A call that leaves the exercise.
///
/// @param owner where the method is found, as an internal name
/// @param receiver the type of the object it is called on; null if there is none, or none yet
record Call(String owner, String name, MethodTypeDesc type, @Nullable ClassDesc receiver) {

  /// These get a reference and never follow it.
  private static final Set<String> LOOKING_AWAY =
      Set.of("requireNonNull", "requireNonNullElse", "isNull", "nonNull", "getClass");

  /// Only these follow a reference that comes as an `Object`; others, like `List.add`, keep it.
  private static final Set<String> FOLLOWING_OBJECTS =
      Set.of(
          "append",
          "arraycopy",
          "contains",
          "containsKey",
          "containsValue",
          "deepEquals",
          "equals",
          "hashCode",
          "indexOf",
          "insert",
          "lastIndexOf",
          "makeConcatWithConstants",
          "print",
          "println",
          "toString",
          "valueOf");

  /// Returns the call that an instruction makes; null if it stays inside the exercise.
  static @Nullable Call of(InvokeInstruction call, OwnClasses own) {
    String name = call.name().stringValue();
    boolean constructs = name.equals(ConstantDescs.INIT_NAME);
    boolean isStatic = call.opcode() == Opcode.INVOKESTATIC;
    return of(call.owner().asSymbol(), name, call.typeSymbol(), !constructs && !isStatic, own);
  }

  /// Returns the call that a method handle makes; null if it stays inside the exercise.
  static @Nullable Call of(DirectMethodHandleDesc target, OwnClasses own) {
    boolean hasReceiver =
        switch (target.kind()) {
          case STATIC, INTERFACE_STATIC, CONSTRUCTOR -> false;
          default -> true;
        };
    MethodTypeDesc type = MethodTypeDesc.ofDescriptor(target.lookupDescriptor());
    String name = target.kind() == Kind.CONSTRUCTOR ? ConstantDescs.INIT_NAME : target.methodName();
    return of(target.owner(), name, type, hasReceiver, own);
  }

  /// Returns the concatenation of strings that an instruction makes; null if it makes none.
  static @Nullable Call of(InvokeDynamicInstruction call) {
    ClassDesc factory = ClassDesc.of("java.lang.invoke.StringConcatFactory");
    return call.bootstrapMethod().owner().equals(factory)
        ? new Call(internalName(factory), "makeConcatWithConstants", call.typeSymbol(), null)
        : null;
  }

  private static @Nullable Call of(
      ClassDesc named, String name, MethodTypeDesc type, boolean hasReceiver, OwnClasses own) {
    if (named.isArray()) {
      return new Call("java/lang/Object", name, type, named);
    }
    String owner = own.foreignOwner(internalName(named), name, type.descriptorString());
    if (owner == null) {
      return null;
    }
    ClassDesc found = ClassDesc.ofInternalName(owner);
    return new Call(owner, name, type, hasReceiver ? found : null);
  }

  /// Returns whether the call may use a mutable object of the JDK.
  boolean isOfInterest() {
    if (LOOKING_AWAY.contains(name)) {
      return false;
    }
    boolean interest = usesReceiver();
    for (int i = 0; i < type.parameterCount(); i++) {
      interest |= usesArgument(i);
    }
    return interest;
  }

  boolean usesReceiver() {
    return receiver != null && JdkCalls.mayBeMutable(receiver);
  }

  boolean usesArgument(int index) {
    ClassDesc parameter = type.parameterType(index);
    return JdkCalls.mayBeMutable(parameter)
        && (!parameter.equals(ConstantDescs.CD_Object) || FOLLOWING_OBJECTS.contains(name));
  }

  /// Returns whether the result may be a view of the receiver or of the first argument.
  boolean returnsView() {
    boolean hasOrigin = usesReceiver() || receiver == null && type.parameterCount() > 0;
    return hasOrigin
        && !type.returnType().isPrimitive()
        && JdkCalls.isView(name, type.returnType());
  }

  private static String internalName(ClassDesc type) {
    String descriptor = type.descriptorString();
    return descriptor.substring(1, descriptor.length() - 1);
  }
}
