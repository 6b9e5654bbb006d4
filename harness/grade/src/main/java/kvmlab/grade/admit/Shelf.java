// SPDX-License-Identifier: MIT
package kvmlab.grade.admit;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/// Where a submission's files lie: a [Folder] or an [Archive]. Nothing is ever unpacked.
interface Shelf extends Closeable {

  /// No submission needs more files than this.
  int FILES_MAX = 10_000;

  /// No source file needs to be larger than this.
  int BYTES_MAX = 256 * 1024;

  /// The relative paths of all files, with slashes.
  ///
  /// @throws Refused if there are too many, or one has a path that leads out
  List<String> names() throws IOException, Refused;

  /// The bytes of a file of [#names()].
  ///
  /// @throws Refused if it is no plain file, or too large
  byte[] read(String name) throws IOException, Refused;

  /// How a reader types the path of a file.
  String shown(String name);

  static Refused tooMany(String where) {
    return Refused.hostile(where + " holds more than " + FILES_MAX + " files");
  }

  static Refused tooLarge(String file) {
    return Refused.hostile(
        file + " is larger than " + BYTES_MAX / 1024 + " kB; hand in source code only");
  }
}
