// SPDX-License-Identifier: MIT
package kvmlab.explore;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.jspecify.annotations.Nullable;

/// A coroutine on one carrier thread, by the JDK's own continuations: a switch costs about 100
/// nanoseconds, ten times less than a hand-over between threads.
///
/// Bound by method handles, so that the class compiles with `--release` and the JVM starts without
/// the flag `--add-exports java.base/jdk.internal.vm=ALL-UNNAMED`; see {@link #available}.
final class ContinuationCoroutine extends Coroutine {
  private static final @Nullable Throwable MISSING;
  private static final Object SCOPE;
  private static final MethodHandle CREATE;
  private static final MethodHandle RUN;
  private static final MethodHandle YIELD;

  static {
    Throwable missing = null;
    Object scope = "none";
    MethodHandle create = MethodHandles.constant(Object.class, "none");
    MethodHandle run = create;
    MethodHandle yield = create;
    try {
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      Class<?> scopeType = Class.forName("jdk.internal.vm.ContinuationScope");
      Class<?> type = Class.forName("jdk.internal.vm.Continuation");
      scope =
          lookup
              .findConstructor(scopeType, MethodType.methodType(void.class, String.class))
              .invoke("kvmlab");
      create =
          lookup
              .findConstructor(type, MethodType.methodType(void.class, scopeType, Runnable.class))
              .bindTo(scope)
              .asType(MethodType.methodType(Object.class, Runnable.class));
      run =
          lookup
              .findVirtual(type, "run", MethodType.methodType(void.class))
              .asType(MethodType.methodType(void.class, Object.class));
      yield =
          lookup
              .findStatic(type, "yield", MethodType.methodType(boolean.class, scopeType))
              .bindTo(scope);
    } catch (Throwable e) {
      missing = e;
    }
    MISSING = missing;
    SCOPE = scope;
    CREATE = create;
    RUN = run;
    YIELD = yield;
  }

  private final Object continuation;

  ContinuationCoroutine(Runnable body) {
    try {
      continuation = CREATE.invokeExact(body);
    } catch (Throwable e) {
      throw new IllegalStateException("continuations are not available in " + SCOPE, e);
    }
  }

  /// Returns whether this JVM lets us use continuations.
  static boolean available() {
    return MISSING == null;
  }

  @Override
  void resume() {
    try {
      RUN.invokeExact(continuation);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  void suspend() {
    try {
      boolean _ = (boolean) YIELD.invokeExact();
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  void abandon() {
    // An abandoned continuation is garbage; its frames never run again.
  }
}
