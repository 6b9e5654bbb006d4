// SPDX-License-Identifier: MIT
package kvmlab.grade.compile;

/// Something wrong at a place in a source file.
///
/// @param file the file as a reader would type it
/// @param line 1-based; 0 if the problem has no line
/// @param column 1-based; 0 if the problem has no column
/// @param message one or more lines
/// @param excerpt the source line; empty if the problem has no line
/// @param caretAt 0-based index in `excerpt` to point at; -1 for none
public record Problem(
    String file, int line, int column, String message, String excerpt, int caretAt) {

  /// A problem that has a line, but no column.
  public static Problem at(String file, int line, String message) {
    return new Problem(file, line, 0, message, "", -1);
  }

  /// `file:line:col`, as terminals and editors make clickable.
  public String place() {
    return file + (line > 0 ? ":" + line : "") + (column > 0 ? ":" + column : "");
  }

  /// Place and message, and below them the source line with a caret.
  public String render() {
    StringBuilder text = new StringBuilder(place()).append(": ").append(message);
    if (!excerpt.isEmpty()) {
      text.append('\n').append(excerpt);
      if (caretAt >= 0 && caretAt <= excerpt.length()) {
        text.append('\n')
            .append(excerpt.substring(0, caretAt).replaceAll("[^\t]", " "))
            .append('^');
      }
    }
    return text.toString();
  }
}
