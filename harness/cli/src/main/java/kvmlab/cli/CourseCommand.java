// SPDX-License-Identifier: MIT
package kvmlab.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import kvmlab.grade.Course;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/// `./course` alone: where the learner is, how the current exercise stands, and what is next.
@Command(
    name = "course",
    versionProvider = CourseCommand.Version.class,
    synopsisSubcommandLabel = "[COMMAND]",
    header = "Between Start and End: one KVM mail thread, rebuilt lock by lock.%n",
    description = "Without a command: checks the exercise you are at, and says what is next.%n",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:full marks",
      "1:fewer",
      "2:usage",
      "3:the submission does not compile",
      "4:infrastructure; try again, this is never a grade",
      "5:integrity; the submission or the checks are not what they should be"
    },
    footer = "%nEX is an exercise: its id (ex02), folder (ex02-retry) or number (2).")
// The options below are picocli's to read.
@SuppressWarnings("UnusedVariable")
final class CourseCommand implements Callable<Integer> {

  private final Desk desk;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      scope = ScopeType.INHERIT,
      description = "Show this help.")
  private boolean help;

  @Option(
      names = {"-V", "--version"},
      versionHelp = true,
      description = "Show the course's version.")
  private boolean version;

  // Complaints looks for it among the arguments, also where they cannot be parsed.
  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Show a stack trace if the command itself fails.")
  private boolean debug;

  CourseCommand(Desk desk) {
    this.desk = desk;
  }

  @Override
  public Integer call() throws Exception {
    return new Current(desk).check(false);
  }

  /// The course's version, from its parent pom.
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      String home = System.getProperty(Main.HOME, "");
      String version = Course.around(Path.of(home)).map(Course::version).orElse("unknown");
      return new String[] {"course " + version};
    }
  }
}
