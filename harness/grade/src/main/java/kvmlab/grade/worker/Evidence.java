// SPDX-License-Identifier: MIT
package kvmlab.grade.worker;

import java.util.List;
import kvmlab.grade.run.Message;
import org.jspecify.annotations.Nullable;

/// What the lab explored during a check.
final class Evidence {

  private Evidence() {}

  static List<Object> drain() {
    return List.of();
  }

  static void add(Message answer, List<Object> explorations, @Nullable Throwable failure) {}

  static Message replay(Session session, Message message) {
    return Message.of("done");
  }
}
