// SPDX-License-Identifier: MIT
package kvmlab.lab;

import java.util.ArrayList;
import java.util.List;

/// Remembers what each thread has explored, for whoever runs the checks.
public final class Explorations {
  private static final ThreadLocal<List<Exploration>> DONE =
      ThreadLocal.withInitial(ArrayList::new);

  private Explorations() {}

  static void add(Exploration exploration) {
    DONE.get().add(exploration);
  }

  /// Returns what the calling thread has explored since the last call, passes included.
  public static List<Exploration> drain() {
    List<Exploration> done = List.copyOf(DONE.get());
    DONE.remove();
    return done;
  }
}
