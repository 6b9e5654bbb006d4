// SPDX-License-Identifier: MIT
package kvmlab.lab;

import kvmlab.machine.Trace;
import kvmlab.machine.TraceEvent;

/// Tells traces apart, so that a token shows when the code has changed since it was printed.
final class Fingerprint {
  private Fingerprint() {}

  /// Returns four hexadecimal digits of who did what.
  static String of(Trace trace) {
    int hash = 17;
    for (TraceEvent event : trace.events()) {
      hash = hash * 31 + event.task();
      hash = hash * 31 + event.text().hashCode();
      String value = event.value();
      hash = hash * 31 + (value == null ? 0 : value.hashCode());
    }
    return String.format("%04x", (hash ^ hash >>> 16) & 0xffff);
  }
}
