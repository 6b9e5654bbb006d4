// SPDX-License-Identifier: MIT
package kvmlab.grade.gate;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.reflect.AccessFlag;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Which types hold no state that could change: boxes, enums, and functions, as far as their type
/// tells.
final class Values {

  private static final Set<String> JDK =
      Set.of(
          "java/lang/Integer",
          "java/lang/Long",
          "java/lang/Boolean",
          "java/lang/Character",
          "java/lang/Byte",
          "java/lang/Short",
          "java/util/Comparator");

  private Values() {}

  /// Whether `type` is a value.
  ///
  /// @param type internal name
  /// @param own the classes of the submission
  static boolean isValue(String type, Map<String, ClassModel> own) {
    if (JDK.contains(type) || type.startsWith("java/util/function/")) {
      return true;
    }
    ClassModel model = own.containsKey(type) ? own.get(type) : course(type);
    return model != null && model.flags().has(AccessFlag.ENUM);
  }

  /// The class file of a course type; null if it is not one.
  private static @Nullable ClassModel course(String type) {
    if (!type.startsWith("kvmlab/")) {
      return null;
    }
    try (InputStream in = ClassLoader.getSystemResourceAsStream(type + ".class")) {
      return in == null ? null : ClassFile.of().parse(in.readAllBytes());
    } catch (IOException e) {
      return null;
    }
  }
}
