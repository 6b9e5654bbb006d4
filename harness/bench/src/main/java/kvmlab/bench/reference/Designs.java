// SPDX-License-Identifier: MIT
package kvmlab.bench.reference;

import java.util.LinkedHashMap;
import java.util.Map;
import kvmlab.kvm.KvmOps;

/// The designs that are measured, by name, in the order of history.
final class Designs {
  private Designs() {}

  static Map<String, KvmOps> all() {
    Map<String, KvmOps> all = new LinkedHashMap<>();
    all.put("v5.12", KvmOps.reference());
    all.put("v5.15", KvmOps.reference().with(Elided::new));
    return all;
  }
}
