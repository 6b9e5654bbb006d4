// SPDX-License-Identifier: MIT
package kvmlab.bench;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;

/// Where and when figures were measured.
final class Machine {

  private Machine() {}

  static JsonObject describe() {
    JsonObject machine = new JsonObject();
    machine.addProperty("date", LocalDate.now(ZoneOffset.UTC).toString());
    machine.addProperty("processor", processor());
    machine.addProperty("processors", Runtime.getRuntime().availableProcessors());
    machine.addProperty(
        "system", System.getProperty("os.name") + " " + System.getProperty("os.version"));
    machine.addProperty(
        "java", System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
    machine.addProperty(
        "load", ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    machine.addProperty("peers", System.getProperty("kvmlab.bench.peers", ""));
    return machine;
  }

  private static String processor() {
    try {
      return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(System.getProperty("os.arch"));
    } catch (IOException e) {
      // Not Linux.
      return System.getProperty("os.arch");
    }
  }
}
