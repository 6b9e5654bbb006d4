// SPDX-License-Identifier: MIT
package kvmlab.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import kvmlab.grade.Course;
import kvmlab.grade.GraderFault;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `course book`: builds the book as a site.
@Command(name = "book", description = "Build the book; every trace in it is found anew.")
final class BookCommand implements Callable<Integer> {

  private static final Path SITE = Path.of("chapters", "target", "site", "index.html");
  private static final String QUIET =
      "--sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED";
  private static final List<String> OPENERS = List.of("xdg-open", "open", "wslview");

  private final Desk desk;

  @Option(names = "--open", description = "Show it in a browser.")
  private boolean open;

  BookCommand(Desk desk) {
    this.desk = desk;
  }

  @Override
  public Integer call() throws Exception {
    Course home = desk.course();
    desk.say("building the book");
    build(home);
    Path site = home.root().resolve(SITE);
    if (!Files.isRegularFile(site)) {
      throw GraderFault.infrastructure("the build left no book at " + home.display(site));
    }
    desk.print(home.display(site) + "\n");
    if (open) {
      show(desk, site);
    }
    return 0;
  }

  private static void build(Course home) throws IOException, InterruptedException, GraderFault {
    ProcessBuilder maven =
        new ProcessBuilder(
                home.root().resolve("mvnw").toString(),
                "-q",
                "-DskipTests",
                "-pl",
                "chapters",
                "-am",
                "process-test-classes")
            .directory(home.root().toFile())
            .inheritIO();
    maven.environment().put("JAVA_HOME", System.getProperty("java.home"));
    // JRuby, which converts the book, would otherwise have this JDK print eight lines of warnings.
    maven.environment().put("MAVEN_OPTS", QUIET);
    if (maven.start().waitFor() != 0) {
      throw GraderFault.infrastructure("the book does not build; Maven says why, above");
    }
  }

  private static void show(Desk desk, Path site) throws UsageError {
    for (String opener : OPENERS) {
      if (Programs.find(opener).isPresent()) {
        try {
          new ProcessBuilder(opener, site.toUri().toString())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
          return;
        } catch (IOException e) {
          desk.say(opener + " does not start: " + e.getMessage());
        }
      }
    }
    throw new UsageError("found no program that opens a browser; open " + site.toUri());
  }
}
