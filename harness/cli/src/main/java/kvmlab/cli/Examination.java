// SPDX-License-Identifier: MIT
package kvmlab.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import kvmlab.grade.Course;
import kvmlab.grade.Exercise;
import kvmlab.grade.GraderFault;
import kvmlab.grade.run.WorkerProbe;

/// What `course doctor` looks at.
///
/// @param course the course to look at
record Examination(Course course) {

  private static final int JDK = 25;
  private static final long MEGABYTE = 1 << 20;
  private static final long DISK_MB = 500;
  private static final List<String> BROWSERS = List.of("xdg-open", "open", "wslview");

  List<Symptom> symptoms() throws IOException {
    return List.of(jdk(), continuations(), worker(), build(), wrapper(), disk(), browser(), kvm());
  }

  private static Symptom jdk() {
    String found = Runtime.version() + " in " + System.getProperty("java.home");
    return Runtime.version().feature() == JDK
        ? Symptom.ok("JDK", found)
        : Symptom.warn("JDK", found, "the course is tested on JDK 25: set JAVA25_HOME to one");
  }

  private static Symptom continuations() {
    boolean exported =
        Object.class.getModule().isExported("jdk.internal.vm", Examination.class.getModule());
    return exported
        ? Symptom.ok("engine", "continuations")
        : Symptom.warn(
            "engine",
            "threads: the explorer is many times slower",
            "start with ./course, or add --add-exports java.base/jdk.internal.vm=ALL-UNNAMED");
  }

  private static Symptom worker() {
    try {
      return Symptom.ok("worker", "ready in " + WorkerProbe.millis() + " ms");
    } catch (GraderFault e) {
      return Symptom.mend(
          "worker", e.getMessage(), "a grade needs a second JVM: look for limits on processes");
    }
  }

  /// Whether the compiled checks are those of the sources.
  private Symptom build() throws IOException {
    for (Exercise exercise : course.exercises()) {
      Optional<FileTime> classes = newest(exercise.checkClasses(), ".class");
      Optional<FileTime> sources = newest(exercise.folder().resolve("src/test/java"), ".java");
      if (classes.isEmpty()) {
        return Symptom.mend(
            "build",
            "the checks of " + exercise.slug() + " are not built",
            "./mvnw -q verify -DskipTests");
      }
      if (sources.isPresent() && sources.get().compareTo(classes.get()) > 0) {
        return Symptom.mend(
            "build",
            "the checks of " + exercise.slug() + " are older than their sources",
            "./mvnw -q verify -DskipTests");
      }
    }
    return Symptom.ok("build", "the checks of every exercise are built");
  }

  private static Optional<FileTime> newest(Path folder, String ending) throws IOException {
    if (!Files.isDirectory(folder)) {
      return Optional.empty();
    }
    FileTime newest = null;
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        if (file.toString().endsWith(ending)) {
          FileTime time = Files.getLastModifiedTime(file);
          newest = newest == null || time.compareTo(newest) > 0 ? time : newest;
        }
      }
    }
    return Optional.ofNullable(newest);
  }

  private Symptom wrapper() {
    return Files.isExecutable(course.root().resolve("mvnw"))
        ? Symptom.ok("Maven", "./mvnw")
        : Symptom.mend(
            "Maven", "./mvnw is missing or not executable", "git checkout mvnw; chmod +x mvnw");
  }

  private Symptom disk() throws IOException {
    long free = Files.getFileStore(course.root()).getUsableSpace() / MEGABYTE;
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
    long freeTemporary = Files.getFileStore(temporary).getUsableSpace() / MEGABYTE;
    String found = free + " MB here, " + freeTemporary + " MB in " + temporary;
    return Math.min(free, freeTemporary) >= DISK_MB
        ? Symptom.ok("disk", found)
        : Symptom.mend("disk", found, "free " + DISK_MB + " MB");
  }

  private static Symptom browser() {
    return BROWSERS.stream()
        .filter(name -> Programs.find(name).isPresent())
        .findFirst()
        .map(name -> Symptom.ok("browser", "opened by " + name))
        .orElseGet(() ->
            Symptom.warn(
                "browser",
                "no program found that opens one",
                "./course book prints the file; open it yourself"));
  }

  private static Symptom kvm() {
    Path device = Path.of("/dev/kvm");
    if (!Files.exists(device)) {
      return Symptom.warn(
          "/dev/kvm", "absent", "only the last chapter asks for it; it is optional");
    }
    return Files.isReadable(device) && Files.isWritable(device)
        ? Symptom.ok("/dev/kvm", "usable")
        : Symptom.warn(
            "/dev/kvm",
            "there, but not yours to use",
            "join its group: sudo usermod -aG kvm $USER");
  }
}
