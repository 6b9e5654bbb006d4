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
@Command(
    name = "hint",
    description = "Show the first tier of hints to an exercise, or the tiers seen so far.")
final class HintCommand implements Callable<Integer> {

  private final Desk desk;

  @Parameters(arity = "1", paramLabel = "EX", description = "ex02, ex02-retry or 2")
  private String exercise = "";

  @Option(names = "--more", description = "Show the next tier.")
  private boolean more;

  HintCommand(Desk desk) {
    this.desk = desk;
  }

  @Override
  public Integer call() throws Exception {
    Course home = desk.course();
    Exercise asked = home.exercise(exercise);
    List<Hints.Tier> hints = Hints.of(asked);
    if (hints.isEmpty()) {
      throw new UsageError("there are no hints to " + asked.slug());
    }
    Path seenFile = home.root().resolve(".course").resolve("hints-" + asked.slug());
    int seen = Math.min(hints.size(), Math.max(1, seen(seenFile) + (more ? 1 : 0)));
    Files.createDirectories(home.root().resolve(".course"));
    Files.writeString(seenFile, Integer.toString(seen));
    for (int i = more ? seen - 1 : 0; i < seen; i++) {
      Hints.Tier tier = hints.get(i);
      desk.print("hint %d of %d: %s%n%n".formatted(i + 1, hints.size(), tier.title()));
      desk.print(tier.text().indent(2) + "\n");
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
