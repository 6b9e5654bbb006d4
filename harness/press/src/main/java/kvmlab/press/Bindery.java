// SPDX-License-Identifier: MIT
package kvmlab.press;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.asciidoctor.ast.Document;
import org.asciidoctor.ast.StructuralNode;
import org.asciidoctor.extension.Postprocessor;
import org.asciidoctor.log.LogRecord;
import org.asciidoctor.log.Severity;
import org.jsoup.Jsoup;

/// Binds the one long page that Asciidoctor writes into a site: a page for each chapter.
///
/// Asciidoctor has resolved every reference in the whole book by then; what is left is to know on
/// which page each target came to lie, to lay out the pages by the theme's `page.html`, and to
/// proof-read what Asciidoctor lets pass without a word. Each complaint is logged as an error, so
/// that the build which asked for the conversion fails. What is returned becomes `index.html`.
public final class Bindery extends Postprocessor {

  @Override
  public String process(Document document, String output) {
    Path folder = Path.of(attribute(document, "outdir", "."));
    Path sources = Path.of(attribute(document, "docdir", "."));
    Path theme = sources.resolve(attribute(document, "theme", "theme"));
    Set<String> complaints = new TreeSet<>();
    try {
      Roles.check(document, Files.readString(theme.resolve("book.css")), complaints::add);
      org.jsoup.nodes.Document whole = Jsoup.parse(output);
      whole.outputSettings().prettyPrint(false);
      Finish.apply(whole);
      Book book = Cutter.cut(whole, complaints::add);
      new ProofReader(book, List.of(folder, sources)).read(complaints::add);
      Template template = new Template(Files.readString(theme.resolve("page.html")), book);
      clear(folder, book);
      for (Leaf leaf : book.chapters()) {
        Files.writeString(folder.resolve(leaf.file()), template.fill(leaf));
      }
      Map<String, String> origins = origins(document);
      complaints.forEach(
          message -> log(new LogRecord(Severity.ERROR, withOrigin(message, origins))));
      return template.fill(book.front());
    } catch (IOException e) {
      throw new UncheckedIOException("The book could not be bound in " + folder, e);
    }
  }

  /// Takes away pages of chapters that are no more: a stale page would still open, and be believed.
  private static void clear(Path folder, Book book) throws IOException {
    Files.createDirectories(folder);
    Set<String> kept = book.leaves().stream().map(Leaf::file).collect(Collectors.toSet());
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".html")).toList()) {
        if (!kept.contains(file.getFileName().toString())) {
          Files.delete(file);
        }
      }
    }
  }

  /// The source file of each page, for whoever has to mend it.
  private static Map<String, String> origins(Document document) {
    Map<String, String> origins = new HashMap<>();
    for (StructuralNode block : document.getBlocks()) {
      if (block.getSourceLocation() != null) {
        origins.put(block.getId() + ".html", block.getSourceLocation().getPath());
      }
    }
    return origins;
  }

  private static String withOrigin(String message, Map<String, String> origins) {
    String origin = origins.get(message.replaceFirst("[#:].*", ""));
    return origin == null ? message : origin + ": " + message;
  }

  private static String attribute(Document document, String name, String otherwise) {
    Object value = document.getAttribute(name);
    return value == null || value.toString().isEmpty() ? otherwise : value.toString();
  }
}
