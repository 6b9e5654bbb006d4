// SPDX-License-Identifier: MIT
package kvmlab.press;

import com.github.difflib.DiffUtils;
import com.github.difflib.UnifiedDiffUtils;
import com.github.difflib.patch.PatchFailedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

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
    for (List<String> diff : files(Files.readAllLines(patch))) {
      apply(diff, patch, sources);
    }
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

  /// The diffs of a patch, one for each file it changes.
  private static List<List<String>> files(List<String> patch) {
    List<List<String>> files = new ArrayList<>();
    for (int i = 0; i < patch.size(); i++) {
      boolean begins =
          patch.get(i).startsWith("--- ")
              && i + 1 < patch.size()
              && patch.get(i + 1).startsWith("+++ ");
      if (begins) {
        files.add(new ArrayList<>());
      }
      if (!files.isEmpty()) {
        files.get(files.size() - 1).add(patch.get(i));
      }
    }
    return files;
  }

  private static void apply(List<String> diff, Path patch, Path sources) throws IOException {
    String name = diff.get(1).substring("+++ ".length()).split("\t", 2)[0];
    Path file = sources.resolve(name.substring(name.indexOf(SOURCES) + SOURCES.length()));
    try {
      List<String> before = Files.readAllLines(file);
      Files.write(file, DiffUtils.patch(before, UnifiedDiffUtils.parseUnifiedDiff(diff)));
    } catch (PatchFailedException e) {
      throw new IOException(patch + " does not fit " + name + ": " + e.getMessage(), e);
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
