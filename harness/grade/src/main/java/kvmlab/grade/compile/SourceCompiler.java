// SPDX-License-Identifier: MIT
package kvmlab.grade.compile;

import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.tools.Diagnostic;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;

/// javac in this JVM, from memory to memory.
///
/// No annotation processor, no source path, no module but `java.base`; of the class path, only what
/// [Visible] lets through. Keeps javac warm, so one instance is worth reusing. Not thread-safe.
public final class SourceCompiler {

  private static final long DEADLINE_SECONDS = 60;
  private static final long STACK_BYTES = 16L << 20;
  private static final int PROBLEMS_MAX = 20;
  // No --release: it costs 20 ms per run, and this JVM has checked its own version already.
  private static final List<String> OPTIONS =
      List.of(
          "-proc:none",
          "-implicit:none",
          "-Xlint:none",
          "-g",
          "-parameters",
          "-XDuseUnsharedTable",
          "--limit-modules",
          "java.base");

  private final JavaCompiler javac;
  private final StandardJavaFileManager files;

  /// A compiler whose class path is this JVM's.
  public SourceCompiler() {
    javac = ToolProvider.getSystemJavaCompiler();
    files = javac.getStandardFileManager(null, Locale.ROOT, null);
    try {
      files.setLocationFromPaths(StandardLocation.SOURCE_PATH, List.<Path>of());
      files.setLocationFromPaths(StandardLocation.ANNOTATION_PROCESSOR_PATH, List.<Path>of());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Compiles `sources`, given by the file name to report.
  public Compiled compile(Map<String, String> sources, Visible visible) {
    FutureTask<Compiled> task = new FutureTask<>(() -> run(sources, visible));
    Thread thread = new Thread(null, task, "javac", STACK_BYTES);
    thread.setDaemon(true);
    thread.start();
    String file = sources.keySet().iterator().next();
    try {
      return task.get(DEADLINE_SECONDS, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      return gaveUp(file, "takes javac longer than " + DEADLINE_SECONDS + " s");
    } catch (ExecutionException e) {
      // Deep nesting and huge constants end in StackOverflowError or OutOfMemoryError.
      return gaveUp(file, "is too much for javac (" + cause(e).getClass().getSimpleName() + ")");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return gaveUp(file, "was interrupted");
    }
  }

  private Compiled run(Map<String, String> sources, Visible visible) {
    List<JavaFileObject> units = new ArrayList<>();
    sources.forEach((file, text) -> units.add(new SourceText(file, text)));
    List<Problem> problems = new ArrayList<>();
    MemoryFiles memory = new MemoryFiles(files, visible);
    boolean ok =
        javac
            .getTask(new StringWriter(), memory, d -> collect(d, problems), OPTIONS, null, units)
            .call();
    if (!ok && problems.isEmpty()) {
      return gaveUp(sources.keySet().iterator().next(), "is more than javac can take");
    }
    return new Compiled(ok ? memory.classes() : Map.of(), problems);
  }

  private static void collect(
      Diagnostic<? extends JavaFileObject> diagnostic, List<Problem> problems) {
    if (diagnostic.getKind() == Diagnostic.Kind.ERROR && problems.size() < PROBLEMS_MAX) {
      problems.add(problem(diagnostic));
    }
  }

  private static Problem problem(Diagnostic<? extends JavaFileObject> diagnostic) {
    String message = "error: " + diagnostic.getMessage(Locale.ENGLISH);
    if (!(diagnostic.getSource() instanceof SourceText source)
        || diagnostic.getPosition() == Diagnostic.NOPOS) {
      return new Problem("(no file)", 0, 0, message, "", -1);
    }
    int offset = (int) diagnostic.getPosition();
    int lineStart = source.text().lastIndexOf('\n', offset - 1) + 1;
    return new Problem(
        source.file(),
        (int) diagnostic.getLineNumber(),
        offset - lineStart + 1,
        message,
        source.lineAt(offset),
        offset - lineStart);
  }

  private static Compiled gaveUp(String file, String why) {
    return new Compiled(Map.of(), List.of(Problem.at(file, 0, "error: this file " + why)));
  }

  private static Throwable cause(ExecutionException e) {
    Throwable cause = e.getCause();
    return cause == null ? e : cause;
  }
}
