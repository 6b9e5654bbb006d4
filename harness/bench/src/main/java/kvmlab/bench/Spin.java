// SPDX-License-Identifier: MIT
package kvmlab.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kvmlab.bench.notifier.NotifierScenario;

/// Spin on a hand-made model, `src/main/promela/notifier.pml`: sequential consistency only. What
/// its time leaves out is the translation of the program into the model, by hand.
public final class Spin implements Tool {
  private static final Pattern STATES = Pattern.compile("(\\d+) states, stored");
  private static final Pattern ERRORS = Pattern.compile("errors: (\\d+)");
  private static final Pattern ELAPSED = Pattern.compile("elapsed time ([\\d.]+) seconds");
  private static final Pattern MEMORY = Pattern.compile("([\\d.]+)\\s+total actual memory usage");
  private static final Pattern TIMES = Pattern.compile("(\\d+)m([\\d.]+)s (\\d+)m([\\d.]+)s\\s*$");

  @Override
  public Outcome run(String scenario, long seed, long executionsMax, Progress progress)
      throws IOException, InterruptedException {
    Path folder = Files.createTempDirectory("spin");
    Path model = Path.of(System.getProperty("kvmlab.bench.promela"));
    List<String> generate = new ArrayList<>(List.of("spin"));
    generate.addAll(defines(scenario));
    generate.addAll(List.of("-a", model.toAbsolutePath().toString()));
    call(folder, generate);
    call(folder, List.of("gcc", "-O2", "-DSAFETY", "-DMEMLIM=8000", "-o", "pan", "pan.c"));
    String report = call(folder, List.of("sh", "-c", "./pan -m100000 -w24; times"));
    progress.states((long) number(STATES, report));
    double memory = number(MEMORY, report);
    progress.elsewhere(number(ELAPSED, report), cpu(report), (long) (memory * 1024));
    return number(ERRORS, report) > 0 ? Outcome.BUG : Outcome.EXHAUSTED;
  }

  private static List<String> defines(String scenario) {
    NotifierScenario.Size size = NotifierScenario.size(scenario);
    List<String> defines = new ArrayList<>();
    String protocol = NotifierScenario.protocol(scenario);
    if (protocol.startsWith("S3")) {
      defines.addAll(List.of("-DNESTED", "-DINVALIDATORS=2", "-DVCPUS=0"));
    } else {
      defines.add("-DINVALIDATORS=" + size.invalidators());
      defines.add("-DVCPUS=" + size.vcpus());
      defines.add("-DUPDATERS=" + size.updaters());
    }
    defines.addAll(
        switch (protocol) {
          case "S1" -> List.of("-DGUARD=0");
          case "S2", "S3" -> List.of("-DGUARD=1");
          case "S5", "S3 count" -> List.of("-DGUARD=2");
          case "S5 no-wake" -> List.of("-DGUARD=2", "-DDEFECT=1");
          case "S5 late-state" -> List.of("-DGUARD=2", "-DDEFECT=2");
          default -> throw new IllegalArgumentException("no model of " + scenario);
        });
    return defines;
  }

  private static String call(Path folder, List<String> command)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException(String.join(" ", command) + " fails: " + output);
    }
    return output;
  }

  private static double number(Pattern pattern, String report) {
    Matcher matcher = pattern.matcher(report);
    return matcher.find() ? Double.parseDouble(matcher.group(1)) : -1;
  }

  /// Returns the user and system time of the search; the shell's `times` prints it last.
  private static double cpu(String report) {
    Matcher matcher = TIMES.matcher(report);
    return matcher.find()
        ? Integer.parseInt(matcher.group(1)) * 60
            + Double.parseDouble(matcher.group(2))
            + Integer.parseInt(matcher.group(3)) * 60
            + Double.parseDouble(matcher.group(4))
        : -1;
  }

  @Override
  public double preparation() {
    return 10;
  }

  @Override
  public double cpuElsewhere() {
    return ProcessHandle.current()
        .descendants()
        .mapToDouble(p -> p.info().totalCpuDuration().orElse(Duration.ZERO).toMillis() / 1e3)
        .sum();
  }

  @Override
  public long batch() {
    return Long.MAX_VALUE;
  }
}
