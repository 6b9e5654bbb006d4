// SPDX-License-Identifier: MIT
package kvmlab.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import kvmlab.grade.Course;
import kvmlab.grade.Exercise;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `course hint EX [--more]`: one hint more each time, and no more than asked for.
@Command(name = "hint", description = "Show the first hint to an exercise, or those seen so far.")
final class HintCommand implements Callable<Integer> {

  private final Desk desk;

  @Parameters(arity = "1", paramLabel = "EX", description = "ex02, ex02-retry or 2")
  private String exercise = "";

  @Option(names = "--more", description = "Show one hint more than so far.")
  private boolean more;

  HintCommand(Desk desk) {
    this.desk = desk;
  }

  @Override
  public Integer call() throws Exception {
    Course home = desk.course();
    Exercise asked = home.exercise(exercise);
    List<Hints.Hint> hints = Hints.of(asked);
    if (hints.isEmpty()) {
      throw new UsageError("there are no hints to " + asked.slug());
    }
    Path seenFile = home.root().resolve(".course").resolve("hints-" + asked.slug());
    int seen = Math.min(hints.size(), Math.max(1, seen(seenFile) + (more ? 1 : 0)));
    Files.createDirectories(home.root().resolve(".course"));
    Files.writeString(seenFile, Integer.toString(seen));
    for (int i = 0; i < seen; i++) {
      Hints.Hint hint = hints.get(i);
      desk.print("hint %d of %d: %s%n%n".formatted(i + 1, hints.size(), hint.title()));
      desk.print(hint.text().indent(2) + "\n");
    }
    desk.print(
        seen < hints.size()
            ? "next: try, then ./course check %s; one more: ./course hint %1$s --more%n"
                .formatted(asked.id())
            : "next: ./course check %s; there are no more hints%n".formatted(asked.id()));
    return 0;
  }

  private static int seen(Path file) throws IOException {
    String text = Files.isRegularFile(file) ? Files.readString(file).strip() : "0";
    return text.matches("\\d{1,3}") ? Integer.parseInt(text) : 0;
  }
}
