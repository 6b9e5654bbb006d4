// SPDX-License-Identifier: MIT
package kvmlab.press;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.asciidoctor.ast.StructuralNode;
import org.jspecify.annotations.Nullable;

/// Where this build left what its macros print; attribute `traces` of the book names the folder.
final class Runs {

  /// How the file ends that says why there is no run.
  static final String FAILED = ".failed.txt";

  private Runs() {}

  /// The name of a run, the same for who performs it and who prints it.
  static String name(String scenario, @Nullable String mutant) {
    return mutant == null ? scenario : scenario + "+" + mutant;
  }

  /// The run of a scenario on the solution, or on a mutant of it.
  ///
  /// @throws IOException if this build performed no such run
  static Run find(StructuralNode place, String scenario, @Nullable String mutant)
      throws IOException {
    return Run.read(file(place, name(scenario, mutant)));
  }

  static Path file(StructuralNode place, String name) throws IOException {
    Object folder = place.getDocument().getAttribute("traces", "target/traces");
    Object here = place.getDocument().getAttribute("docdir", ".");
    Path traces = Path.of(here.toString()).resolve(folder.toString());
    Path failed = traces.resolve(name + FAILED);
    if (Files.exists(failed)) {
      throw new IOException(name + ": " + Files.readString(failed));
    }
    Path file = traces.resolve(name + ".json");
    if (!Files.isRegularFile(file)) {
      throw new IOException("this build performed no run " + name);
    }
    return file;
  }
}
