// SPDX-License-Identifier: MIT
package kvmlab.grade.admit;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/// A submission in a zip archive. Only the files taken are inflated, each up to its limit.
final class Archive implements Shelf {

  private static final long ARCHIVE_BYTES_MAX = 16L << 20;
  private static final long INFLATED_BYTES_MAX = 256L << 20;

  private final String shown;
  private final ZipFile zip;

  Archive(Path file, String shown) throws IOException, Refused {
    this.shown = shown;
    if (Files.size(file) > ARCHIVE_BYTES_MAX) {
      throw Refused.hostile(shown + " is larger than " + (ARCHIVE_BYTES_MAX >> 20) + " MB");
    }
    try {
      zip = new ZipFile(file.toFile());
    } catch (ZipException e) {
      throw Refused.usage(
          shown + " is no readable zip archive (" + e.getMessage() + "); pack it anew");
    }
  }

  @Override
  public List<String> names() throws Refused {
    if (zip.size() > FILES_MAX) {
      throw Shelf.tooMany(shown);
    }
    List<String> names = new ArrayList<>();
    long inflated = 0;
    for (ZipEntry entry : Collections.list(zip.entries())) {
      String name = entry.getName();
      if (!isSafe(name)) {
        throw Refused.hostile(shown + " holds a path that leads out of it: " + Printable.of(name));
      }
      inflated += Math.max(0, entry.getSize());
      if (inflated > INFLATED_BYTES_MAX) {
        throw Refused.hostile(
            shown + " inflates to more than " + (INFLATED_BYTES_MAX >> 20) + " MB");
      }
      if (!entry.isDirectory()) {
        names.add(name);
      }
    }
    names.sort(null);
    return names;
  }

  private static boolean isSafe(String name) {
    String path = name.endsWith("/") ? name.substring(0, name.length() - 1) : name;
    return path.chars().noneMatch(c -> c < ' ' || c == 127)
        && !path.contains("\\")
        && !path.contains(":")
        && Arrays.stream(path.split("/", -1))
            .noneMatch(part -> part.isEmpty() || part.equals(".") || part.equals(".."));
  }

  @Override
  public byte[] read(String name) throws IOException, Refused {
    ZipEntry entry = zip.getEntry(name);
    if (entry == null) {
      throw new IOException(shown(name) + " vanished");
    }
    try (InputStream in = zip.getInputStream(entry)) {
      byte[] bytes = in.readNBytes(BYTES_MAX + 1);
      if (bytes.length > BYTES_MAX) {
        throw Shelf.tooLarge(shown(name));
      }
      return bytes;
    } catch (ZipException e) {
      throw Refused.usage(shown + " is damaged at " + name + "; pack it anew");
    }
  }

  @Override
  public String shown(String name) {
    return shown + "!/" + name;
  }

  @Override
  public void close() throws IOException {
    zip.close();
  }
}
