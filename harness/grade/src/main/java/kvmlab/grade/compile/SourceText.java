// SPDX-License-Identifier: MIT
package kvmlab.grade.compile;

import java.net.URI;
import java.net.URISyntaxException;
import javax.tools.SimpleJavaFileObject;

/// A source file in memory that remembers the name a reader knows it by.
final class SourceText extends SimpleJavaFileObject {

  private final String file;
  private final String text;

  SourceText(String file, String text) {
    super(uri(file), Kind.SOURCE);
    this.file = file;
    this.text = text;
  }

  String file() {
    return file;
  }

  String text() {
    return text;
  }

  /// The line that holds the character at `offset`.
  String lineAt(int offset) {
    int start = text.lastIndexOf('\n', offset - 1) + 1;
    int end = text.indexOf('\n', offset);
    return text.substring(start, end < 0 ? text.length() : end).stripTrailing();
  }

  @Override
  public CharSequence getCharContent(boolean ignoreEncodingErrors) {
    return text;
  }

  /// Only the last part matters to javac: a public class must live in a file of its name.
  private static URI uri(String file) {
    try {
      return new URI("source", null, "/" + file.substring(file.lastIndexOf('/') + 1), null);
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(file, e);
    }
  }
}
