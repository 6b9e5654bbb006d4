// SPDX-License-Identifier: MIT
package kvmlab.grade.admit;

/// Text from a submission, made fit to stand in a report.
public final class Printable {

  private static final int CLIP = 120;

  private Printable() {}

  /// One line, clipped, without control and direction characters.
  public static String of(String text) {
    return clip(text.replace('\n', ' '), CLIP);
  }

  /// Any number of lines, clipped to `max` characters, without control and direction characters.
  public static String clip(String text, int max) {
    String cut = text.length() > max ? text.substring(0, max) + " [clipped]" : text;
    StringBuilder out = new StringBuilder(cut.length());
    cut.codePoints().map(c -> isPlain(c) ? c : '?').forEach(out::appendCodePoint);
    return out.toString();
  }

  private static boolean isPlain(int c) {
    return c == '\n' || c == '\t' || !(Character.isISOControl(c) || isFormat(c));
  }

  private static boolean isFormat(int c) {
    int type = Character.getType(c);
    return type == Character.FORMAT || type == Character.SURROGATE || type == Character.PRIVATE_USE;
  }
}
