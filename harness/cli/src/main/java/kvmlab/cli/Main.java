// SPDX-License-Identifier: MIT
package kvmlab.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/// The `course` command.
@Command(name = "course", mixinStandardHelpOptions = true, description = "Grades the exercises.")
public final class Main implements Runnable {

  private Main() {}

  /// Runs one command and ends the JVM with its exit code.
  public static void main(String[] args) {
    System.exit(new CommandLine(new Main()).execute(args));
  }

  @Override
  public void run() {
    CommandLine.usage(this, System.out);
  }
}
