// SPDX-License-Identifier: MIT
package kvmlab.explore;

import kvmlab.machine.Stamp;

/// What an event published: its clock for race reversal, its clock for data races, and its views.
record Published(int[] clock, int[] synced, Message[] observed, Message[] own, Message[] global)
    implements Stamp {

  /// What happened before every task: nothing that needs ordering.
  static final Published NOTHING =
      new Published(Clock.ZERO, Clock.ZERO, Views.NONE, Views.NONE, Views.NONE);

  @Override
  public Stamp join(Stamp other) {
    Published that = (Published) other;
    return new Published(
        Clock.join(clock, that.clock),
        Clock.join(synced, that.synced),
        Views.join(observed, that.observed),
        Views.join(own, that.own),
        Views.join(global, that.global));
  }
}
