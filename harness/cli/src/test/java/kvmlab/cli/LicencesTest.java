// SPDX-License-Identifier: MIT
package kvmlab.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Every file of the project names its licence, in its first lines or in `REUSE.toml`.
class LicencesTest {

  private static final Pattern HEADER =
      Pattern.compile("SPDX-License-Identifier: ([A-Za-z0-9.-]+)");
  private static final Pattern ANNOTATED =
      Pattern.compile("SPDX-License-Identifier = \"([^\"]+)\"");
  private static final Pattern PATHS = Pattern.compile("path = (\\[[^\\]]*\\]|\"[^\"]*\")");
  private static final int HEAD_BYTES = 400;

  private static final Path ROOT = root();

  /// What a file that names no licence is listed under.
  private static final String NONE = "none";

  private static final Map<Path, String> LICENCES = new TreeMap<>();

  @BeforeAll
  static void readTheTree() throws Exception {
    assumeTrue(Files.exists(ROOT.resolve(".git")), "git says which files belong to the project");
    Map<PathMatcher, String> annotations = annotations();
    for (Path file : projectFiles()) {
      Matcher header = HEADER.matcher(head(ROOT.resolve(file)));
      LICENCES.put(file, header.find() ? header.group(1) : annotated(annotations, file));
    }
    assertThat(LICENCES).hasSizeGreaterThan(20);
  }

  @Test
  void everyFileNamesItsLicence() {
    assertThat(filesUnder(NONE))
        .as("files without an SPDX-License-Identifier line that REUSE.toml does not list")
        .isEmpty();
  }

  @Test
  void everyLicenceHasItsText() {
    Set<String> named = new TreeSet<>(LICENCES.values());
    named.remove(NONE);
    assertThat(named)
        .allSatisfy(licence -> assertThat(ROOT.resolve("LICENSES", licence + ".txt")).exists());
  }

  @Test
  void codeIsMitAndTextIsCreativeCommons() {
    assertThat(filesUnder("CC-BY-4.0")).as("code").noneMatch(file -> endsWith(file, ".java"));
    assertThat(filesUnder("MIT")).as("text").noneMatch(file -> endsWith(file, ".adoc"));
  }

  private static boolean endsWith(Path file, String ending) {
    return file.toString().endsWith(ending);
  }

  private static List<Path> filesUnder(String licence) {
    return LICENCES.keySet().stream().filter(file -> LICENCES.get(file).equals(licence)).toList();
  }

  private static List<Path> projectFiles() throws IOException, InterruptedException {
    Process git =
        new ProcessBuilder("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
            .directory(ROOT.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String names = new String(git.getInputStream().readAllBytes());
    assertThat(git.waitFor()).as("git ls-files").isZero();
    return Arrays.stream(names.split("\0"))
        .map(Path::of)
        .filter(file -> !file.startsWith("LICENSES") && ROOT.resolve(file).toFile().length() > 0)
        .toList();
  }

  private static String head(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      return new String(in.readNBytes(HEAD_BYTES), ISO_8859_1);
    }
  }

  private static Map<PathMatcher, String> annotations() throws IOException {
    Map<PathMatcher, String> annotations = new HashMap<>();
    for (String block : Files.readString(ROOT.resolve("REUSE.toml")).split("\\[\\[annotations]]")) {
      Matcher licence = ANNOTATED.matcher(block);
      Matcher paths = PATHS.matcher(block);
      if (licence.find() && paths.find()) {
        for (String glob : paths.group(1).replaceAll("[\\[\\]\"\\s]", "").split(",")) {
          annotations.put(ROOT.getFileSystem().getPathMatcher("glob:" + glob), licence.group(1));
        }
      }
    }
    return annotations;
  }

  private static String annotated(Map<PathMatcher, String> annotations, Path file) {
    return annotations.entrySet().stream()
        .filter(annotation -> annotation.getKey().matches(file))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(NONE);
  }

  private static Path root() {
    Path folder = Path.of("").toAbsolutePath();
    while (!Files.exists(folder.resolve("REUSE.toml"))) {
      folder = folder.getParent();
    }
    return folder;
  }
}
