// SPDX-License-Identifier: MIT
package kvmlab.grade.worker;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import kvmlab.grade.CheckSpec.Engine;
import kvmlab.grade.run.Message;
import kvmlab.lab.Explorations;
import kvmlab.lab.NotRepeatable;
import org.junit.platform.engine.TestEngine;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/// Runs one check method with the JUnit launcher, and says what became of it.
final class CheckRunner {

  // Held, so that its level is not collected with it. jqwik logs that it runs without a database.
  private static final Logger JQWIK_LOG = Logger.getLogger("net.jqwik");

  private final Map<Engine, Launcher> launchers = new EnumMap<>(Engine.class);

  /// Loads the classes that every check of `engine` needs, while the grader still compiles.
  ///
  /// @throws IllegalStateException if not even the smallest check passes
  void warmUp(Engine engine) {
    Class<?> type = engine == Engine.JQWIK ? WarmProperty.class : Warm.class;
    Listener listener = run(type, "up", engine);
    Explorations.drain();
    if (listener.failure() != null || listener.ran() != 1) {
      throw new IllegalStateException("the smallest check fails", listener.failure());
    }
  }

  Message check(Session session, Message message) {
    Thread.currentThread().setContextClassLoader(session.loader());
    Explorations.drain();
    Listener listener;
    try {
      Class<?> type = session.loader().loadClass(message.get("class"));
      listener = run(type, message.get("method"), Engine.valueOf(message.get("engine")));
    } catch (ClassNotFoundException e) {
      return Message.of("done").with("outcome", "missing").with("message", message.get("class"));
    } catch (LinkageError e) {
      listener = new Listener();
      listener.failed(e);
    }
    return report(session, listener);
  }

  private static Message report(Session session, Listener listener) {
    Message answer = Message.of("done").with("ran", Integer.toString(listener.ran()));
    Throwable failure = listener.failure();
    if (failure == null) {
      answer.with("outcome", listener.ran() > 0 ? "pass" : "missing");
      answer.with("message", listener.reason());
    } else if (failure instanceof NotRepeatable) {
      // Neither right nor wrong.
      answer
          .with("outcome", "nondeterministic")
          .with("message", String.valueOf(failure.getMessage()));
    } else {
      Thrown thrown = new Thrown(session, failure);
      String sample = Samples.in(listener.published());
      answer.with("outcome", "fail").with("message", (thrown.sentence() + "\n" + sample).strip());
    }
    Evidence.add(answer, Explorations.drain(), failure, session);
    return answer;
  }

  private Listener run(Class<?> type, String methodName, Engine engine) {
    Listener listener = new Listener();
    List<Method> methods =
        Arrays.stream(type.getDeclaredMethods())
            .filter(method -> method.getName().equals(methodName) && !method.isSynthetic())
            .toList();
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(
                new ArrayList<>(
                    methods.stream()
                        .map(method -> DiscoverySelectors.selectMethod(type, method))
                        .toList()))
            // jqwik would otherwise keep a database in the current folder and print samples.
            .configurationParameter("jqwik.database", "")
            .configurationParameter("jqwik.reporting.usejunitplatform", "true")
            .configurationParameter("jqwik.reporting.onlyfailures", "true")
            .configurationParameter("jqwik.failures.runfirst", "false")
            .build();
    launchers.computeIfAbsent(engine, CheckRunner::launcher).execute(request, listener);
    return listener;
  }

  private static Launcher launcher(Engine engine) {
    return LauncherFactory.create(
        LauncherConfig.builder()
            .enableTestEngineAutoRegistration(false)
            .enableLauncherSessionListenerAutoRegistration(false)
            .enableLauncherDiscoveryListenerAutoRegistration(false)
            .enablePostDiscoveryFilterAutoRegistration(false)
            .enableTestExecutionListenerAutoRegistration(false)
            .addTestEngines(engine(engine))
            .build());
  }

  /// By name: the engines are on a worker's class path only, not on the grader's own.
  private static TestEngine engine(Engine engine) {
    JQWIK_LOG.setLevel(Level.OFF);
    String name =
        switch (engine) {
          case JUPITER -> "org.junit.jupiter.engine.JupiterTestEngine";
          case JQWIK -> "net.jqwik.engine.JqwikTestEngine";
        };
    try {
      return (TestEngine) Class.forName(name).getDeclaredConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("the test engine " + name + " is missing", e);
    }
  }
}
