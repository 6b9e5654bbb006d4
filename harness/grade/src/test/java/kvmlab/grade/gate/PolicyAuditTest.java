// SPDX-License-Identifier: MIT
package kvmlab.grade.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.reflect.AccessFlag;
import java.net.URI;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Walks java.base from every member that the policy allows, and asks what it calls. A member that
/// reaches files, processes, threads, the clock or the loader at once, or through one helper, has
/// to be reviewed before it is let in.
class PolicyAuditTest {

  private static final List<String> SINKS =
      List.of(
          "java/io/FileOutputStream.",
          "java/io/FileInputStream.",
          "java/io/RandomAccessFile.",
          "java/nio/file/Files.",
          "java/lang/System.exit",
          "java/lang/System.setProperty",
          "java/lang/System.getProperty",
          "java/lang/System.nanoTime",
          "java/lang/System.currentTimeMillis",
          "java/lang/Runtime.",
          "java/lang/ProcessBuilder.",
          "java/lang/Thread.<init>",
          "java/lang/Thread.start",
          "java/util/ServiceLoader.",
          "java/lang/Class.forName",
          "java/net/",
          "java/lang/reflect/Method.invoke",
          "java/lang/ClassLoader.",
          "java/util/concurrent/ForkJoinPool.");

  private static final Map<String, ClassModel> BASE = new HashMap<>();
  private static final Policy POLICY = Policy.of(false);

  @BeforeAll
  static void readBase() throws IOException {
    Path root = FileSystems.getFileSystem(URI.create("jrt:/")).getPath("/modules/java.base");
    try (Stream<Path> files = Files.walk(root.resolve("java"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
        ClassModel model = ClassFile.of().parse(Files.readAllBytes(file));
        BASE.put(model.thisClass().asInternalName(), model);
      }
    }
  }

  @Test
  void nothingAllowedReachesOut() {
    TreeSet<String> reached = new TreeSet<>();
    for (ClassModel type : BASE.values()) {
      if (POLICY.allowsClass(name(type)) && type.flags().has(AccessFlag.PUBLIC)) {
        type.methods().stream()
            .filter(PolicyAuditTest::isCallable)
            .filter(m -> POLICY.allowsMember(name(type), m.methodName().stringValue()))
            .forEach(method -> collect(type, method, reached));
      }
    }

    // Reviewed: none of these hands its sink to the caller.
    assertThat(reached)
        .containsExactly(
            "java/lang/Class.desiredAssertionStatus -> java/lang/ClassLoader.desiredAssertionStatus");
  }

  private static void collect(ClassModel type, MethodModel method, TreeSet<String> reached) {
    String root = name(type) + "." + method.methodName().stringValue();
    for (InvokeInstruction call : calls(method)) {
      sink(call).ifPresent(sink -> reached.add(root + " -> " + sink));
      ClassModel owner = BASE.get(call.owner().asInternalName());
      if (owner != null) {
        owner.methods().stream()
            .filter(m -> m.methodName().equals(call.name()) && m.methodType().equals(call.type()))
            .flatMap(m -> calls(m).stream())
            .flatMap(inner -> sink(inner).stream())
            .forEach(sink -> reached.add(root + " -> " + sink));
      }
    }
  }

  private static Optional<String> sink(InvokeInstruction call) {
    String name = call.owner().asInternalName() + "." + call.name().stringValue();
    return SINKS.stream().anyMatch(name::startsWith) ? Optional.of(name) : Optional.empty();
  }

  private static List<InvokeInstruction> calls(MethodModel method) {
    return method
        .code()
        .map(code ->
            code.elementStream()
                .filter(InvokeInstruction.class::isInstance)
                .map(InvokeInstruction.class::cast)
                .toList())
        .orElse(List.of());
  }

  /// A method that a submission can call: visible to it, with parameters that it can name.
  private static boolean isCallable(MethodModel method) {
    boolean visible =
        method.flags().has(AccessFlag.PUBLIC) || method.flags().has(AccessFlag.PROTECTED);
    return visible
        && Stream.concat(
                Stream.of(method.methodTypeSymbol().returnType()),
                method.methodTypeSymbol().parameterList().stream())
            .allMatch(PolicyAuditTest::isNameable);
  }

  private static boolean isNameable(ClassDesc type) {
    ClassDesc element = type;
    while (element.isArray()) {
      element = element.componentType();
    }
    String descriptor = element.descriptorString();
    return element.isPrimitive()
        || POLICY.toleratesClass(descriptor.substring(1, descriptor.length() - 1));
  }

  private static String name(ClassModel type) {
    return type.thisClass().asInternalName();
  }
}
