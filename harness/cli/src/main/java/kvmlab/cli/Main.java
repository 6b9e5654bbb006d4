// SPDX-License-Identifier: MIT
package kvmlab.cli;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine;

/// The entry of the `course` command.
public final class Main {

  /// System property with the course's folder; the launcher sets it.
  static final String HOME = "kvmlab.home";

  /// By the word that calls it, in the order of the help.
  private static final Map<String, Function<Desk, Object>> COMMANDS = new LinkedHashMap<>();

  static {
    COMMANDS.put("list", ListCommand::new);
    COMMANDS.put("check", CheckCommand::new);
    COMMANDS.put("hint", HintCommand::new);
    COMMANDS.put("replay", ReplayCommand::new);
    COMMANDS.put("stress", StressCommand::new);
    COMMANDS.put("book", BookCommand::new);
    COMMANDS.put("grade", GradeCommand::new);
    COMMANDS.put("selfcheck", SelfcheckCommand::new);
    COMMANDS.put("bench", BenchCommand::new);
    COMMANDS.put("doctor", DoctorCommand::new);
  }

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
    CommandLine line = new CommandLine(new CourseCommand(desk));
    COMMANDS.forEach((name, command) -> {
      // picocli takes 10 to 20 ms to read the options of a command: only the one asked for.
      if (args.length == 0 || !COMMANDS.containsKey(args[0]) || name.equals(args[0])) {
        line.addSubcommand(command.apply(desk));
      }
    });
    return line.setOut(out)
        .setErr(err)
        .setColorScheme(
            CommandLine.Help.defaultColorScheme(
                terminal.isColoured() ? CommandLine.Help.Ansi.ON : CommandLine.Help.Ansi.OFF))
        .setParameterExceptionHandler(Complaints::usage)
        .setExecutionExceptionHandler(Complaints::execution)
        .execute(args);
  }
}
