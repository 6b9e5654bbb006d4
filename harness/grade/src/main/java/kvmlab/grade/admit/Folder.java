// SPDX-License-Identifier: MIT
package kvmlab.grade.admit;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;

/// A submission in a folder. Links are listed, never followed.
final class Folder implements Shelf {

  private final Path root;
  private final String shownRoot;

  Folder(Path root, String shownRoot) {
    this.root = root;
    this.shownRoot = shownRoot;
  }

  @Override
  public List<String> names() throws IOException, Refused {
    List<String> names = new ArrayList<>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            boolean built =
                folder.endsWith("target") || folder.getFileName().toString().startsWith(".");
            return built && !folder.equals(root)
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            names.add(root.relativize(file).toString().replace('\\', '/'));
            return names.size() > FILES_MAX ? FileVisitResult.TERMINATE : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) {
            names.add(root.relativize(file).toString().replace('\\', '/'));
            return FileVisitResult.CONTINUE;
          }
        });
    if (names.size() > FILES_MAX) {
      throw Shelf.tooMany(shownRoot);
    }
    names.sort(null);
    return names;
  }

  @Override
  public byte[] read(String name) throws IOException, Refused {
    Path file = root.resolve(name);
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      throw Refused.hostile(shown(name) + " is no plain file; hand in the file itself, not a link");
    }
    try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
      byte[] bytes = in.readNBytes(BYTES_MAX + 1);
      if (bytes.length > BYTES_MAX) {
        throw Shelf.tooLarge(shown(name));
      }
      return bytes;
    }
  }

  @Override
  public String shown(String name) {
    return shownRoot.isEmpty() ? name : shownRoot + "/" + name;
  }

  @Override
  public void close() {}
}
