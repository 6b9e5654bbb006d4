// SPDX-License-Identifier: MIT
package kvmlab.press;

import com.google.gson.Gson;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jsoup.nodes.Element;
import org.jspecify.annotations.Nullable;

/// Which design keeps which invariant, as this build found it: schema `kvmlab/designs/v1`.
///
/// This class knows none of the harness: it is read in Maven's own JVM, which may be older.
///
/// @param designs heads of the columns
/// @param rows the invariants, in order
record DesignSheet(String schema, List<String> designs, List<Row> rows) {
  static final String SCHEMA = "kvmlab/designs/v1";

  /// @param invariant its identifier, `I12`
  /// @param statement what holds
  /// @param cells one for each design
  record Row(String invariant, String statement, List<Cell> cells) {}

  /// @param word null when the invariant held; else "broken", or why nothing was settled
  /// @param trial the trial that broke it, if one did
  /// @param seen what was seen there, in a sentence without a full stop
  record Cell(@Nullable String word, @Nullable String trial, @Nullable String seen) {
    static final Cell HOLDS = new Cell(null, null, null);
  }

  /// @throws IOException if there is no such file, or it holds something else
  static DesignSheet read(Path file) throws IOException {
    DesignSheet sheet;
    try {
      sheet = new Gson().fromJson(Files.readString(file), DesignSheet.class);
    } catch (JsonParseException e) {
      throw new IOException(file + " is no JSON", e);
    }
    if (sheet == null || !SCHEMA.equals(sheet.schema)) {
      throw new IOException(file + " is not of schema " + SCHEMA);
    }
    return sheet;
  }

  String json() {
    return new Gson().toJson(this);
  }

  /// Returns the table of what tells the designs apart; below it what broke where, numbered as in
  /// the table, and what every design keeps. A cell says "holds", "broken" or why neither, in
  /// words: its colour tells nothing more.
  ///
  /// The statement stands above its cells, so that six columns fit beside each other.
  Element table(String label) {
    Element box = new Element("div");
    Element scroll = box.appendElement("div").addClass("scroll").attr("tabindex", "0");
    scroll.attr("role", "region").attr("aria-label", label);
    Element table = scroll.appendElement("table").addClass("designs");
    Element head = table.appendElement("thead").appendElement("tr");
    for (String design : designs) {
      breakable(head.appendElement("th").attr("scope", "col"), design);
    }
    List<String> notes = new ArrayList<>();
    List<Row> kept = new ArrayList<>();
    for (Row row : rows) {
      if (row.cells().stream().allMatch(Cell.HOLDS::equals)) {
        kept.add(row);
        continue;
      }
      Element body = table.appendElement("tbody");
      Element invariant = body.appendElement("tr").appendElement("th").attr("scope", "rowgroup");
      state(invariant.attr("colspan", String.valueOf(designs.size())), row);
      Element line = body.appendElement("tr");
      for (Cell cell : row.cells()) {
        fill(line.appendElement("td"), cell, notes);
      }
    }
    Element list = box.appendElement("ol").addClass("trials");
    for (int i = 0; i < notes.size(); i++) {
      list.appendElement("li").id("trial-" + (i + 1)).text(notes.get(i));
    }
    if (!kept.isEmpty()) {
      Element folded = box.appendElement("details");
      folded.appendElement("summary").text("Every design keeps " + kept.size() + " more");
      Element all = folded.appendElement("div").addClass("content").appendElement("ul");
      kept.forEach(row -> state(all.appendElement("li"), row));
    }
    return box;
  }

  private static void state(Element place, Row row) {
    place.appendElement("b").text(row.invariant());
    place.appendText(" " + row.statement());
  }

  /// Lets a name with an underscore go on in the next line.
  private static void breakable(Element place, String name) {
    for (String part : name.split("(?<=_)")) {
      place.appendText(part);
      if (part.endsWith("_")) {
        place.appendElement("wbr");
      }
    }
  }

  private static void fill(Element field, Cell cell, List<String> notes) {
    if (cell.trial() == null) {
      field.text(cell.word() == null ? "holds" : cell.word());
      return;
    }
    field.addClass("broken").appendElement("b").text(String.valueOf(cell.word()));
    field.appendText(" ");
    String note = cell.trial() + ": " + cell.seen();
    if (!notes.contains(note)) {
      notes.add(note);
    }
    int number = notes.indexOf(note) + 1;
    Element link = field.appendElement("sup").appendElement("a");
    link.attr("href", "#trial-" + number).text(String.valueOf(number));
  }
}
