// SPDX-License-Identifier: MIT
package kvmlab.grade;

import java.io.IOException;
import java.lang.classfile.Annotation;
import java.lang.classfile.AnnotationElement;
import java.lang.classfile.AnnotationValue;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.MethodModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import kvmlab.lab.Check;
import kvmlab.lab.Stars;
import org.jspecify.annotations.Nullable;

/// Reads the manifest of an exercise from its compiled checks, without loading a class.
public final class ManifestReader {

  private static final String CHECK = Check.class.descriptorString();
  private static final Set<String> JQWIK =
      Set.of("Lnet/jqwik/api/Property;", "Lnet/jqwik/api/Example;");

  private ManifestReader() {}

  /// The manifest of `exercise`.
  ///
  /// @throws GraderFault if the checks are not built, there is none, or two share an id
  public static Manifest read(Exercise exercise) throws GraderFault {
    Path folder = exercise.checkClasses();
    if (!Files.isDirectory(folder)) {
      throw GraderFault.infrastructure(
          "the checks of "
              + exercise.slug()
              + " are not built; next: ./mvnw -q verify -DskipTests");
    }
    List<CheckSpec> checks = new ArrayList<>();
    for (byte[] bytes : classFiles(folder).values()) {
      ClassModel model = ClassFile.of().parse(bytes);
      for (MethodModel method : model.methods()) {
        spec(exercise, model, method).ifPresent(checks::add);
      }
    }
    // The sort is stable: within a task, the order of the source stays.
    checks.sort(Comparator.comparingInt(CheckSpec::task));
    requireDistinct(exercise, checks);
    return new Manifest(checks);
  }

  /// The class files below `folder` by binary name, `package-info` and `module-info` left out.
  static Map<String, byte[]> classFiles(Path folder) throws GraderFault {
    Map<String, byte[]> classes = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        String name = folder.relativize(file).toString().replace('\\', '/');
        if (name.endsWith(".class") && !name.endsWith("-info.class")) {
          classes.put(
              name.substring(0, name.length() - ".class".length()).replace('/', '.'),
              Files.readAllBytes(file));
        }
      }
    } catch (IOException e) {
      throw GraderFault.infrastructure("cannot read " + folder + ": " + e.getMessage());
    }
    return classes;
  }

  private static Optional<CheckSpec> spec(Exercise exercise, ClassModel model, MethodModel method) {
    List<Annotation> annotations =
        method
            .findAttribute(Attributes.runtimeVisibleAnnotations())
            .map(attribute -> attribute.annotations())
            .orElse(List.of());
    return annotations.stream()
        .filter(annotation -> annotation.className().equalsString(CHECK))
        .findFirst()
        .map(check -> spec(exercise, model, method, check, annotations));
  }

  private static CheckSpec spec(
      Exercise exercise,
      ClassModel model,
      MethodModel method,
      Annotation check,
      List<Annotation> annotations) {
    Map<String, AnnotationValue> values =
        check.elements().stream()
            .collect(Collectors.toMap(e -> e.name().stringValue(), AnnotationElement::value));
    boolean jqwik = annotations.stream().anyMatch(a -> JQWIK.contains(a.className().stringValue()));
    String name = method.methodName().stringValue();
    return new CheckSpec(
        exercise.id() + "." + kebab(name),
        exercise.id(),
        number(values.get("task"), 0),
        word(values.get("kind"), Check.Kind.SCHEDULE.name()).toLowerCase(Locale.ROOT),
        word(values.get("title"), name),
        Stars.points(number(values.get("stars"), 1)),
        model.thisClass().asInternalName().replace('/', '.'),
        name,
        jqwik ? CheckSpec.Engine.JQWIK : CheckSpec.Engine.JUPITER);
  }

  private static int number(@Nullable AnnotationValue value, int absent) {
    return value instanceof AnnotationValue.OfInt i ? i.intValue() : absent;
  }

  private static String word(@Nullable AnnotationValue value, String absent) {
    return switch (value) {
      case AnnotationValue.OfString s -> s.stringValue();
      case AnnotationValue.OfEnum e -> e.constantName().stringValue();
      case null, default -> absent;
    };
  }

  /// `faultRacesUnmap` becomes `fault-races-unmap`.
  static String kebab(String name) {
    return name.replaceAll("([a-z0-9])([A-Z])", "$1-$2").toLowerCase(Locale.ROOT);
  }

  private static void requireDistinct(Exercise exercise, List<CheckSpec> checks)
      throws GraderFault {
    if (checks.isEmpty()) {
      throw GraderFault.integrity(exercise.slug() + " has no check; a grade would mean nothing");
    }
    Set<String> ids = new HashSet<>();
    for (CheckSpec check : checks) {
      if (!ids.add(check.id())) {
        throw GraderFault.integrity("two checks are called " + check.id());
      }
    }
  }
}
