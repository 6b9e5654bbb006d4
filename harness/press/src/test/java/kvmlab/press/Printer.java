// SPDX-License-Identifier: MIT
package kvmlab.press;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.asciidoctor.Asciidoctor;
import org.asciidoctor.Attributes;
import org.asciidoctor.Options;
import org.asciidoctor.SafeMode;
import org.asciidoctor.log.LogHandler;
import org.asciidoctor.log.Severity;

/// Converts a small book as the site's build does, and keeps what would have failed it.
final class Printer {

  /// Held, for a logger that nobody holds forgets that it was hushed.
  private static final Logger CONSOLE = Logger.getLogger("asciidoctor");

  private static final Asciidoctor ASCIIDOCTOR = quiet();
  private static final Path THEME = Path.of("../../chapters/theme").toAbsolutePath().normalize();

  /// What the conversion complained of: the place, if it knew one, and the words.
  final List<String> complaints = new ArrayList<>();

  private static Asciidoctor quiet() {
    CONSOLE.setUseParentHandlers(false);
    return Asciidoctor.Factory.create();
  }

  /// A copy of the specimen, to convert or to spoil first.
  static void specimen(Path folder) throws IOException {
    Path from;
    try {
      from = Path.of(Printer.class.getResource("/specimen/book.adoc").toURI()).getParent();
    } catch (URISyntaxException e) {
      throw new IOException(e);
    }
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Path to = folder.resolve(from.relativize(file).toString());
        Files.createDirectories(to.getParent());
        Files.write(to, Files.readAllBytes(file));
      }
    }
  }

  void print(Path folder, Path site) throws IOException {
    Files.createDirectories(site);
    LogHandler ear =
        record -> {
          if (record.getSeverity().compareTo(Severity.INFO) >= 0) {
            complaints.add("%s %s".formatted(record.getCursor(), record.getMessage()));
          }
        };
    ASCIIDOCTOR.registerLogHandler(ear);
    try {
      ASCIIDOCTOR.convertFile(
          folder.resolve("book.adoc").toFile(),
          Options.builder()
              .safe(SafeMode.UNSAFE)
              .backend("html5")
              .standalone(true)
              .sourcemap(true)
              .baseDir(folder.toFile())
              .toFile(site.resolve("index.html").toFile())
              .attributes(
                  Attributes.builder()
                      .attribute("theme", THEME.toString())
                      .attribute("traces", "traces")
                      .build())
              .build());
    } finally {
      ASCIIDOCTOR.unregisterLogHandler(ear);
    }
  }
}
