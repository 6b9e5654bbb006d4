// SPDX-License-Identifier: MIT
package kvmlab.lab.instrument;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.Label;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.ArrayLoadInstruction;
import java.lang.classfile.instruction.ArrayStoreInstruction;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LabelTarget;
import java.lang.classfile.instruction.LineNumber;
import java.lang.classfile.instruction.NewObjectInstruction;
import java.lang.constant.ConstantDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.DirectMethodHandleDesc;
import java.lang.constant.DynamicCallSiteDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Inserts the hooks into one method.
final class MethodHooks implements CodeTransform {
  private static final MethodTypeDesc FIELD_HOOK =
      MethodTypeDesc.of(
          ConstantDescs.CD_void,
          ConstantDescs.CD_Object,
          ConstantDescs.CD_Object,
          ConstantDescs.CD_String);
  private static final MethodTypeDesc ELEMENT_HOOK =
      MethodTypeDesc.of(
          ConstantDescs.CD_void,
          ConstantDescs.CD_Object,
          ConstantDescs.CD_int,
          ConstantDescs.CD_String);
  private static final MethodTypeDesc NAME_HOOK =
      MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_Object, ConstantDescs.CD_String);
  private static final MethodTypeDesc LOOP_HOOK =
      MethodTypeDesc.of(ConstantDescs.CD_void, ConstantDescs.CD_String);
  private static final int IMPLEMENTATION = 1;

  private final String file;
  private final String method;
  private final boolean isLambda;
  private final OwnClasses own;
  private final Bridges bridges;
  private final Temporaries temporaries = new Temporaries();
  private final Set<Label> passed = new HashSet<>();
  private int line;
  private boolean inserted;

  // In a constructor, until that of the superclass has run: `this` cannot be told to anybody.
  private boolean early;
  private int unfinished;
  private final List<String> earlyWrites = new ArrayList<>();

  MethodHooks(String file, MethodModel method, OwnClasses own, Bridges bridges) {
    this.file = file;
    String name = method.methodName().stringValue();
    this.isLambda = name.startsWith("lambda$");
    this.method = isLambda ? name.split("\\$")[1] : name;
    this.line = firstLine(method);
    this.own = own;
    this.bridges = bridges;
    this.early = method.methodName().equalsString(ConstantDescs.INIT_NAME);
  }

  private static int firstLine(MethodModel method) {
    return method.code().stream()
        .flatMap(code -> code.elementStream())
        .filter(LineNumber.class::isInstance)
        .mapToInt(element -> ((LineNumber) element).line())
        .findFirst()
        .orElse(0);
  }

  boolean inserted() {
    return inserted;
  }

  @Override
  public void atStart(CodeBuilder code) {
    // The JDK may call a lambda over and over: that is a loop, too.
    if (isLambda) {
      hook(code.ldc(where()), "loop", LOOP_HOOK);
    }
  }

  @Override
  public void accept(CodeBuilder code, CodeElement element) {
    switch (element) {
      case LineNumber number -> {
        line = number.line();
        code.with(number);
      }
      case LabelTarget target -> {
        passed.add(target.label());
        code.with(target);
      }
      case BranchInstruction branch when passed.contains(branch.target()) -> {
        hook(code.ldc(where()), "loop", LOOP_HOOK);
        code.with(branch);
      }
      case FieldInstruction field -> access(code, field);
      case ArrayLoadInstruction load -> {
        code.dup2().ldc(where());
        hook(code, "readElement", ELEMENT_HOOK);
        code.with(load);
      }
      case ArrayStoreInstruction store -> {
        TypeKind kind = store.typeKind().asLoadable();
        int value = temporaries.store(code, kind);
        code.dup2().ldc(where());
        hook(code, "writeElement", ELEMENT_HOOK);
        code.loadLocal(kind, value).with(store);
        temporaries.release();
      }
      case NewObjectInstruction created -> {
        unfinished++;
        code.with(created);
      }
      case InvokeInstruction call -> call(code, call);
      case InvokeDynamicInstruction call -> link(code, call);
      default -> code.with(element);
    }
  }

  private void access(CodeBuilder code, FieldInstruction access) {
    OwnClasses.Field field =
        own.field(access.owner().asInternalName(), access.name().stringValue());
    boolean writes = access.opcode() == Opcode.PUTFIELD || access.opcode() == Opcode.PUTSTATIC;
    boolean isStatic = access.opcode() == Opcode.GETSTATIC || access.opcode() == Opcode.PUTSTATIC;
    if (field != null && writes && JdkCalls.mayBeMutable(access.typeSymbol())) {
      hook(code.dup().ldc(field.name()), "named", NAME_HOOK);
    }
    if (field == null || field.isFinal()) {
      code.with(access);
      return;
    }
    if (early && access.opcode() == Opcode.PUTFIELD) {
      earlyWrites.add(field.name());
    } else if (isStatic) {
      field(code.ldc(access.owner().asSymbol()), field.name(), writes);
    } else if (writes) {
      TypeKind kind = TypeKind.from(access.typeSymbol()).asLoadable();
      int value = temporaries.store(code, kind);
      field(code.dup(), field.name(), true);
      code.loadLocal(kind, value);
      temporaries.release();
    } else {
      field(code.dup(), field.name(), false);
    }
    code.with(access);
  }

  private void call(CodeBuilder code, InvokeInstruction instruction) {
    Call call = Call.of(instruction, own);
    if (call != null && call.isOfInterest()) {
      inserted = true;
      new CallHooks(code, temporaries, where()).around(call, () -> code.with(instruction));
    } else {
      code.with(instruction);
    }
    if (instruction.name().equalsString(ConstantDescs.INIT_NAME) && --unfinished < 0) {
      // Only the superclass's constructor finishes an object that was not created here.
      early = false;
      unfinished = 0;
      earlyWrites.forEach(name -> field(code.aload(0), name, true));
      earlyWrites.clear();
    }
  }

  private void link(CodeBuilder code, InvokeDynamicInstruction instruction) {
    Call concatenation = Call.of(instruction);
    if (concatenation != null && concatenation.isOfInterest()) {
      inserted = true;
      new CallHooks(code, temporaries, where()).around(concatenation, () -> code.with(instruction));
      return;
    }
    List<ConstantDesc> arguments = new ArrayList<>(instruction.bootstrapArgs());
    boolean makesLambda =
        instruction.bootstrapMethod().owner().descriptorString().endsWith("/LambdaMetafactory;");
    if (makesLambda && arguments.get(IMPLEMENTATION) instanceof DirectMethodHandleDesc target) {
      Call call = Call.of(target, own);
      if (call != null && call.isOfInterest()) {
        inserted = true;
        arguments.set(IMPLEMENTATION, bridges.bridge(target, where()));
        code.invokedynamic(
            DynamicCallSiteDesc.of(
                instruction.bootstrapMethod(),
                instruction.name().stringValue(),
                instruction.typeSymbol(),
                arguments.toArray(ConstantDesc[]::new)));
        return;
      }
    }
    code.with(instruction);
  }

  private void field(CodeBuilder code, String name, boolean writes) {
    hook(code.ldc(name).ldc(where()), writes ? "write" : "read", FIELD_HOOK);
  }

  private void hook(CodeBuilder code, String name, MethodTypeDesc type) {
    inserted = true;
    code.invokestatic(CallHooks.PLAIN_ACCESS, name, type);
  }

  private String where() {
    return file + ":" + line + " in " + method;
  }
}
