// SPDX-License-Identifier: MIT
package kvmlab.kernel;

import java.util.function.Supplier;
import kvmlab.machine.Engine;
import kvmlab.machine.TraceEvent;

/// Lines of a trace that are not events: calls, and remarks. They cost nothing when no trace is
/// recorded, and are never scheduling points.
public final class Ktrace {
  private static final Call QUIET = () -> {};

  private Ktrace() {}

  /// A traced call that is under way; closing it ends the call.
  public interface Call extends AutoCloseable {
    @Override
    void close();
  }

  /// Opens a call. `text` is its C spelling and is asked only while a trace is recorded.
  public static Call call(Supplier<String> text) {
    Engine engine = Engine.current();
    if (!engine.tracing()) {
      return QUIET;
    }
    engine.note(TraceEvent.Kind.CALL, text);
    return () -> engine.note(TraceEvent.Kind.RETURN, text);
  }

  /// Adds a remark. `text` is asked only while a trace is recorded.
  public static void note(Supplier<String> text) {
    Engine engine = Engine.current();
    if (engine.tracing()) {
      engine.note(TraceEvent.Kind.NOTE, text);
    }
  }
}
