// SPDX-License-Identifier: MIT
package kvmlab.grade.gate;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.util.ArrayList;
import java.util.List;

/// Looks for a member in classes of the course and of the JDK, as class files.
final class Inherited {

  private Inherited() {}

  /// Whether the class `type` has `member`, or inherits it.
  static boolean has(String type, MemberRefEntry member) {
    try (InputStream in = ClassLoader.getSystemResourceAsStream(type + ".class")) {
      if (in == null) {
        return false;
      }
      ClassModel model = ClassFile.of().parse(in.readAllBytes());
      List<String> parents = new ArrayList<>();
      model.superclass().ifPresent(parent -> parents.add(parent.asInternalName()));
      model.interfaces().forEach(parent -> parents.add(parent.asInternalName()));
      return Members.declares(model, member)
          || parents.stream().anyMatch(parent -> has(parent, member));
    } catch (IOException e) {
      return false;
    }
  }
}
