// SPDX-License-Identifier: MIT
package kvmlab.grade.gate;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.MemberRefEntry;
import java.lang.classfile.constantpool.PoolEntry;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Whether a submission still has what its checks were compiled against.
public final class Signatures {

  private final String packageName;
  private final Map<String, ClassModel> submission = new TreeMap<>();
  private final Set<String> checks;

  /// Something the checks use and do not find.
  ///
  /// @param file simple name of the source file that had it
  /// @param what the member, as a reader would write it
  public record Missing(String file, String what) implements Comparable<Missing> {
    @Override
    public int compareTo(Missing other) {
      return (file + what).compareTo(other.file + other.what);
    }
  }

  private Signatures(String packageName, Map<String, byte[]> submission, Set<String> checks) {
    this.packageName = packageName + "/";
    this.checks = checks;
    submission.forEach(
        (name, bytes) -> this.submission.put(name.replace('.', '/'), ClassFile.of().parse(bytes)));
  }

  /// What `checks` use of `submission` and no longer find there.
  public static Set<Missing> missing(
      String packageName, Map<String, byte[]> submission, Map<String, byte[]> checks) {
    Set<String> names =
        checks.keySet().stream().map(name -> name.replace('.', '/')).collect(Collectors.toSet());
    Signatures signatures = new Signatures(packageName, submission, names);
    Set<Missing> missing = new TreeSet<>();
    for (byte[] check : checks.values()) {
      for (PoolEntry entry : ClassFile.of().parse(check).constantPool()) {
        signatures.look(entry, missing);
      }
    }
    return missing;
  }

  private void look(PoolEntry entry, Set<Missing> missing) {
    if (entry instanceof ClassEntry type && isForeign(type.asInternalName())) {
      missing.add(
          new Missing(fileOf(type.asInternalName()), "class " + simple(type.asInternalName())));
    }
    if (entry instanceof MemberRefEntry member && !isFound(member)) {
      missing.add(new Missing(fileOf(member.owner().asInternalName()), describe(member)));
    }
  }

  /// Whether the type belongs to the exercise's package, but neither checks nor submission have it.
  private boolean isForeign(String type) {
    return type.startsWith(packageName) && !checks.contains(type) && !submission.containsKey(type);
  }

  private boolean isFound(MemberRefEntry member) {
    ClassModel owner = submission.get(member.owner().asInternalName());
    return owner == null || isFound(owner, member);
  }

  private boolean isFound(ClassModel type, MemberRefEntry member) {
    if (Members.declares(type, member)) {
      return true;
    }
    if (member.name().equalsString("<init>")) {
      return false;
    }
    // A parent outside the submission is the course's or the JDK's: javac has checked it.
    boolean parentFound =
        type.superclass().map(parent -> isInherited(parent.asInternalName(), member)).orElse(false);
    return parentFound
        || type.interfaces().stream().anyMatch(i -> isInherited(i.asInternalName(), member));
  }

  private boolean isInherited(String parent, MemberRefEntry member) {
    ClassModel own = submission.get(parent);
    if (own != null) {
      return isFound(own, member);
    }
    return Inherited.has(parent, member);
  }

  private static String describe(MemberRefEntry member) {
    String owner = simple(member.owner().asInternalName());
    String name = member.name().stringValue();
    String descriptor = member.type().stringValue();
    if (!descriptor.startsWith("(")) {
      return ClassDesc.ofDescriptor(descriptor).displayName() + " " + owner + "." + name;
    }
    MethodTypeDesc type = MethodTypeDesc.ofDescriptor(descriptor);
    String parameters =
        type.parameterList().stream()
            .map(ClassDesc::displayName)
            .collect(Collectors.joining(", ", "(", ")"));
    return name.equals("<init>")
        ? "constructor " + owner + parameters
        : type.returnType().displayName() + " " + owner + "." + name + parameters;
  }

  private static String fileOf(String type) {
    String name = type.substring(type.lastIndexOf('/') + 1);
    return name.replaceFirst("\\$.*", "") + ".java";
  }

  private static String simple(String type) {
    return type.substring(type.lastIndexOf('/') + 1).replace('$', '.');
  }
}
