// SPDX-License-Identifier: MIT
package kvmlab.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import picocli.CommandLine;

/// The entry of the `course` command.
public final class Main {

  /// System property with the course's folder; the launcher sets it.
  static final String HOME = "kvmlab.home";

  private Main() {}

  /// Runs one command and ends the JVM with its exit code.
  public static void main(String[] args) {
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    Path start = Path.of(System.getProperty(HOME, ""));
    int code = run(start, out, err, Terminal.of(System.getenv()), args);
    out.flush();
    err.flush();
    // Not System.exit: nothing is left to tidy, and a hung compiler thread must not hold us.
    Runtime.getRuntime().halt(code);
  }

  /// Runs one command and returns its exit code, without ending anything.
  ///
  /// @param start a folder inside the course
  static int run(Path start, PrintWriter out, PrintWriter err, Terminal terminal, String... args) {
    Desk desk = new Desk(start, out, err, terminal);
    return new CommandLine(new CourseCommand(desk))
        .addSubcommand(new ListCommand(desk))
        .addSubcommand(new CheckCommand(desk))
        .addSubcommand(new HintCommand(desk))
        .addSubcommand(new ReplayCommand(desk))
        .addSubcommand(new BookCommand(desk))
        .addSubcommand(new GradeCommand(desk))
        .addSubcommand(new SelfcheckCommand(desk))
        .addSubcommand(new DoctorCommand(desk))
        .setOut(out)
        .setErr(err)
        .setColorScheme(
            CommandLine.Help.defaultColorScheme(
                terminal.isColoured() ? CommandLine.Help.Ansi.ON : CommandLine.Help.Ansi.OFF))
        .setParameterExceptionHandler(Complaints::usage)
        .setExecutionExceptionHandler(Complaints::execution)
        .execute(args);
  }
}
