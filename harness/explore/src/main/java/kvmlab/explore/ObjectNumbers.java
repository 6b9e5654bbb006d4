// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.util.HashMap;
import java.util.Map;

/// Numbers shared objects, so that the same object has the same number in every execution of one
/// exploration: the n-th that its task creates, whatever the others do.
final class ObjectNumbers {
  private final Map<Long, Integer> created = new HashMap<>();
  private int next;

  int number(int task, int nth) {
    long key = (long) task << 32 | nth;
    Integer known = created.get(key);
    if (known == null) {
      known = next++;
      created.put(key, known);
    }
    return known;
  }

  int size() {
    return next;
  }
}
