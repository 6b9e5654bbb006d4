// SPDX-License-Identifier: MIT
package kvmlab.cli;

import java.nio.file.FileSystemException;
import java.util.List;
import kvmlab.grade.GraderFault;
import kvmlab.grade.NoSuchExercise;
import kvmlab.grade.Outcome;
import kvmlab.grade.admit.Refused;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/// Turns what went wrong into one sentence and an exit code. A stack trace only with `--debug`.
final class Complaints {

  private static final int USAGE = Outcome.NOTHING_SUBMITTED.exitCode();
  private static final int INFRASTRUCTURE = Outcome.INFRASTRUCTURE.exitCode();

  private Complaints() {}

  /// A command line that picocli could not parse.
  static int usage(ParameterException e, String[] args) {
    CommandLine line = e.getCommandLine();
    line.getErr().println("course: " + sentence(e));
    line.getErr().println("usage: " + line.getHelp().synopsis(0).strip());
    return USAGE;
  }

  private static String sentence(ParameterException e) {
    if (e instanceof UnmatchedArgumentException unmatched) {
      List<String> words = unmatched.getUnmatched();
      String first = words.isEmpty() ? "" : words.getFirst();
      boolean command = e.getCommandLine().getParent() == null && !first.startsWith("-");
      if (command) {
        return "there is no command '" + first + "'; course --help lists those there are";
      }
    }
    return String.valueOf(e.getMessage());
  }

  /// An exception out of a command.
  static int execution(Exception e, CommandLine line, ParseResult arguments) {
    boolean debug = arguments.expandedArgs().contains("--debug");
    if (debug) {
      e.printStackTrace(line.getErr());
    }
    line.getErr().println("course: " + sentence(e));
    return exitCode(e);
  }

  private static String sentence(Exception e) {
    return switch (e) {
      case UsageError _, NoSuchExercise _, Refused _, GraderFault _ ->
          String.valueOf(e.getMessage());
      case FileSystemException file -> "cannot use " + file.getFile() + ": " + reason(file);
      default ->
          "the command itself failed, not your answer ("
              + e.getClass().getSimpleName()
              + ": "
              + e.getMessage()
              + "); next: ./course doctor, or again with --debug";
    };
  }

  private static String reason(FileSystemException e) {
    return e.getReason() == null ? "it does not exist or cannot be opened" : e.getReason();
  }

  private static int exitCode(Exception e) {
    return switch (e) {
      case UsageError _, NoSuchExercise _ -> USAGE;
      case Refused refused -> refused.outcome().exitCode();
      case GraderFault fault -> fault.outcome().exitCode();
      default -> INFRASTRUCTURE;
    };
  }
}
