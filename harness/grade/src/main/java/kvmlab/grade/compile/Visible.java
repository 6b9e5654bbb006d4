// SPDX-License-Identifier: MIT
package kvmlab.grade.compile;

import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/// The packages that a submission may name, the JDK's aside.
///
/// @param packages package names, without their sub-packages
public record Visible(Set<String> packages) {

  private static final Set<String> ALWAYS =
      Set.of(
          "kvmlab.machine", "kvmlab.kernel", "kvmlab.mm", "kvmlab.kvm", "org.jspecify.annotations");

  public Visible {
    packages = Set.copyOf(packages);
  }

  /// What a submission to an exercise with these stubs sees: the rooms below the lab, and the lab
  /// only if a stub itself imports it.
  public static Visible of(Collection<String> stubs) {
    Set<String> packages = new HashSet<>(ALWAYS);
    if (stubs.stream().anyMatch(stub -> stub.contains("import kvmlab.lab."))) {
      packages.add("kvmlab.lab");
    }
    return new Visible(packages);
  }

  boolean covers(String packageName) {
    return packages.contains(packageName);
  }
}
