// SPDX-License-Identifier: MIT
package kvmlab.grade.gate;

import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.FieldModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.attribute.SourceFileAttribute;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.ConstantPool;
import java.lang.classfile.constantpool.DynamicConstantPoolEntry;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.MethodTypeEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.classfile.instruction.MonitorInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.AccessFlag;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import kvmlab.grade.compile.Problem;
import org.jspecify.annotations.Nullable;

/// Refuses class files that reach beyond their exercise, before one of them is loaded.
///
/// Looks at every constant-pool entry, every field and every method of every class, against a list
/// of what is allowed. This gate alone protects the grade: a submission that got through it could
/// print verdicts of its own.
public final class Gate {

  private static final int HIERARCHY_MAX = 50;

  private final String packageName;
  private final Policy policy;
  private final Set<String> reserved;
  private final UnaryOperator<String> shown;

  private final Map<String, ClassModel> classes = new TreeMap<>();
  private final List<Problem> problems = new ArrayList<>();
  private final Set<String> said = new HashSet<>();

  private Gate(String packageName, boolean lab, Set<String> reserved, UnaryOperator<String> shown) {
    this.packageName = packageName;
    this.policy = Policy.of(lab);
    this.reserved = reserved;
    this.shown = shown;
  }

  /// What `classes` reach that they must not; empty if all is well.
  ///
  /// @param packageName the exercise's package
  /// @param classes class files by binary name
  /// @param lab whether the exercise may use the lab
  /// @param reserved binary names of the check classes, which a submission must not replace
  /// @param shown from the name of a source file (`PageFault.java`) to what a reader would type
  public static List<Problem> inspect(
      String packageName,
      Map<String, byte[]> classes,
      boolean lab,
      Set<String> reserved,
      UnaryOperator<String> shown) {
    Gate gate = new Gate(packageName, lab, reserved, shown);
    classes.forEach(
        (name, bytes) -> gate.classes.put(name.replace('.', '/'), ClassFile.of().parse(bytes)));
    gate.classes.values().forEach(gate::inspect);
    return List.copyOf(gate.problems);
  }

  private void inspect(ClassModel model) {
    String name = model.thisClass().asInternalName();
    if (!name.startsWith(packageName + "/")) {
      refuse(model, 0, "declares a class outside package " + packageName, "move it there");
    }
    if (reserved.contains(name.replace('/', '.'))) {
      refuse(model, 0, "declares a class that the checks have: " + dots(name), "rename it");
    }
    model.fields().forEach(field -> inspect(model, field));
    model.methods().forEach(method -> inspect(model, method));
    inspectPool(model);
  }

  private void inspect(ClassModel model, FieldModel field) {
    inspectType(model, field.fieldTypeSymbol());
    boolean isStatic = field.flags().has(AccessFlag.STATIC);
    if (field.flags().has(AccessFlag.VOLATILE)) {
      refuse(
          model,
          0,
          "declares the volatile field " + field.fieldName(),
          "the explorer sees no access to it: use a cell of kvmlab.kernel");
    }
    if (!isStatic && model.flags().has(AccessFlag.ENUM) && !isConstant(field)) {
      refuse(
          model,
          0,
          "keeps state in the field " + field.fieldName() + " of an enum",
          "it would outlive an execution: make it a field of the object it belongs to");
    }
    if (isStatic && !field.flags().has(AccessFlag.SYNTHETIC) && !isConstant(field)) {
      refuse(
          model,
          0,
          "keeps state in the static field " + field.fieldName(),
          "it would outlive an execution: make it a field of the object it belongs to");
    }
  }

  /// Whether a field that there is once is final and a value, rather than a box around one.
  private boolean isConstant(FieldModel field) {
    ClassDesc type = field.fieldTypeSymbol();
    if (!field.flags().has(AccessFlag.FINAL)) {
      return false;
    }
    if (type.isPrimitive() || type.descriptorString().equals("Ljava/lang/String;")) {
      return true;
    }
    return !type.isArray() && Values.isValue(internalName(type), classes);
  }

  private void inspect(ClassModel model, MethodModel method) {
    inspectType(model, method.methodTypeSymbol());
    String name = method.methodName().stringValue();
    if (method.flags().has(AccessFlag.NATIVE)) {
      refuse(model, 0, "declares the native method " + name, "write it in Java");
    }
    if (name.equals("finalize")) {
      refuse(model, 0, "declares a finalizer", "drop it");
    }
    boolean monitor =
        method.flags().has(AccessFlag.SYNCHRONIZED)
            || method
                .code()
                .map(c -> c.elementStream().anyMatch(e -> e instanceof MonitorInstruction))
                .orElse(false);
    if (monitor) {
      refuse(
          model,
          0,
          "uses synchronized in " + name,
          "the explorer cannot schedule inside it: use the locks of kvmlab.kernel");
    }
  }

  private void inspectPool(ClassModel model) {
    ConstantPool pool = model.constantPool();
    Set<Integer> bootstraps = new HashSet<>();
    for (int i = 0; i < pool.bootstrapMethodCount(); i++) {
      MemberRefEntry method = pool.bootstrapMethodEntry(i).bootstrapMethod().reference();
      bootstraps.add(method.index());
      String name = method.owner().asInternalName() + "." + method.name().stringValue();
      if (!Policy.BOOTSTRAPS.contains(name)) {
        refuse(model, 0, "is linked by " + dots(name), "write it in plain Java");
      }
    }
    for (PoolEntry entry : pool) {
      switch (entry) {
        case ClassEntry type -> {
          if (!tolerates(type.asInternalName())) {
            refuseName(model, type, dots(elementOf(type.asInternalName())));
          }
        }
        case MemberRefEntry member when bootstraps.contains(member.index()) -> {}
        case MemberRefEntry member -> inspectMember(model, member);
        case MethodTypeEntry type -> inspectType(model, type.asSymbol());
        case DynamicConstantPoolEntry dynamic ->
            inspectDescriptor(model, dynamic.type().stringValue());
        default -> {}
      }
    }
  }

  private void inspectMember(ClassModel model, MemberRefEntry member) {
    inspectDescriptor(model, member.type().stringValue());
    String owner = member.owner().asInternalName();
    String name = member.name().stringValue();
    String refused = refusal(owner.startsWith("[") ? "java/lang/Object" : owner, member, 0);
    if (refused != null) {
      refuseName(model, member, dots(refused) + "." + name);
    }
  }

  /// The class on which `member` is refused. A member named through a class of the submission is
  /// looked for up its hierarchy: `class P extends Properties` does not get at `store()`.
  private @Nullable String refusal(String owner, MemberRefEntry member, int depth) {
    ClassModel own = classes.get(owner);
    if (own == null) {
      return policy.allowsMember(owner, member.name().stringValue()) ? null : owner;
    }
    if (Members.declares(own, member) || depth > HIERARCHY_MAX) {
      return null;
    }
    List<String> parents = new ArrayList<>();
    own.superclass().ifPresent(parent -> parents.add(parent.asInternalName()));
    own.interfaces().forEach(parent -> parents.add(parent.asInternalName()));
    for (String parent : parents) {
      String refused = refusal(parent, member, depth + 1);
      if (refused != null) {
        return refused;
      }
    }
    return null;
  }

  private void inspectDescriptor(ClassModel model, String descriptor) {
    if (descriptor.startsWith("(")) {
      inspectType(model, MethodTypeDesc.ofDescriptor(descriptor));
    } else {
      inspectType(model, ClassDesc.ofDescriptor(descriptor));
    }
  }

  private void inspectType(ClassModel model, MethodTypeDesc type) {
    inspectType(model, type.returnType());
    type.parameterList().forEach(parameter -> inspectType(model, parameter));
  }

  private void inspectType(ClassModel model, ClassDesc type) {
    ClassDesc element = type;
    while (element.isArray()) {
      element = element.componentType();
    }
    if (!element.isPrimitive() && !tolerates(internalName(element))) {
      refuseName(model, null, dots(internalName(element)));
    }
  }

  private boolean tolerates(String type) {
    String element = elementOf(type);
    return element.isEmpty() || classes.containsKey(element) || policy.toleratesClass(element);
  }

  private void refuseName(ClassModel model, @Nullable PoolEntry entry, String name) {
    int line = entry == null ? 0 : Members.lineOf(model, entry);
    refuse(model, line, "uses " + name, Advice.on(name));
  }

  private void refuse(ClassModel model, int line, String what, String next) {
    String file =
        shown.apply(
            model
                .findAttribute(Attributes.sourceFile())
                .map(SourceFileAttribute::sourceFile)
                .map(Object::toString)
                .orElse("?"));
    String type = dots(model.thisClass().asInternalName());
    if (said.add(file + what)) {
      problems.add(Problem.at(file, line, type + " " + what + ", which is refused: " + next));
    }
  }

  /// The element type of an array class, empty for a primitive one; other classes as they are.
  private static String elementOf(String type) {
    if (!type.startsWith("[")) {
      return type;
    }
    String element = type.replaceFirst("^\\[+", "");
    return element.startsWith("L") ? element.substring(1, element.length() - 1) : "";
  }

  private static String internalName(ClassDesc type) {
    String descriptor = type.descriptorString();
    return descriptor.substring(1, descriptor.length() - 1);
  }

  private static String dots(String name) {
    return name.replace('/', '.');
  }
}
