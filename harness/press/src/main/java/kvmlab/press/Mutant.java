// SPDX-License-Identifier: MIT
package kvmlab.press;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import kvmlab.lab.Patch;

/// A solution with one defect: its sources, with a patch applied, compiled.
final class Mutant {

  private static final String SOURCES = "src/main/java/";

  private Mutant() {}

  /// Compiles a mutant.
  ///
  /// @param solution folder of the solution
  /// @param patch one defect, as a unified diff; what stands before the first file is its message
  /// @param work an empty folder, for the patched sources and the classes
  /// @return where the classes are
  /// @throws IOException if the patch does not fit, or what comes of it does not compile
  static Path compile(Path solution, Path patch, Path work) throws IOException {
    Path sources = work.resolve("sources");
    Path classes = Files.createDirectories(work.resolve("classes"));
    copy(solution.resolve(SOURCES), sources);
    apply(patch, sources);
    javac(patch, sources, classes);
    return classes;
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path copy = to.resolve(from.relativize(file).toString());
        Files.createDirectories(copy.getParent());
        Files.copy(file, copy);
      }
    }
  }

  private static void apply(Path file, Path sources) throws IOException {
    Patch patch = Patch.of(Files.readAllLines(file));
    for (String name : patch.files()) {
      Path source = sources.resolve(name.substring(SOURCES.length()));
      try {
        Files.write(source, patch.applyTo(name, Files.readAllLines(source)));
      } catch (IllegalArgumentException e) {
        throw new IOException(file + " " + e.getMessage(), e);
      }
    }
  }

  private static void javac(Path patch, Path sources, Path classes) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> said = new DiagnosticCollector<>();
    List<String> options =
        List.of("-proc:none", "-nowarn", "-g", "-parameters", "-d", classes.toString());
    try (StandardJavaFileManager manager = compiler.getStandardFileManager(said, null, null);
        Stream<Path> files = Files.walk(sources)) {
      List<Path> units = files.filter(f -> f.toString().endsWith(".java")).toList();
      boolean compiled =
          compiler
              .getTask(
                  null, manager, said, options, null, manager.getJavaFileObjectsFromPaths(units))
              .call();
      if (!compiled) {
        Diagnostic<?> first = said.getDiagnostics().get(0);
        throw new IOException(patch + " does not compile: " + first);
      }
    }
  }
}
