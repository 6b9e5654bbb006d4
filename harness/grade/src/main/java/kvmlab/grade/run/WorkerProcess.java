// SPDX-License-Identifier: MIT
package kvmlab.grade.run;

import com.google.gson.stream.MalformedJsonException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import kvmlab.grade.admit.Printable;
import org.jspecify.annotations.Nullable;

/// The grader's end of one worker JVM.
///
/// A deadline counts the processor time of the worker, so that a busy machine does not turn a slow
/// answer into a wrong one; the clock is only a backstop.
final class WorkerProcess implements AutoCloseable {

  private static final int LINE_MAX = 4 << 20;
  private static final int ERRORS_MAX = 600;
  private static final long POLL_MILLIS = 50;
  private static final Duration PLACE_WAIT = Duration.ofSeconds(1);

  /// System property: how many milliseconds a worker that is no longer needed may take to end. The
  /// launcher sets it to train workers, which write their cache at the end.
  private static final String FAREWELL_PROPERTY = "kvmlab.worker.farewell";

  /// The end of the worker's output.
  private static final String END = "";

  private final Path folder;
  private final Process process;
  private final OutputStream requests;
  private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();

  WorkerProcess(WorkerCommand command) throws IOException {
    folder = Files.createTempDirectory("course-worker");
    Path errors = folder.resolve("stderr");
    // For a JVM that is interrupted; otherwise close() does it.
    folder.toFile().deleteOnExit();
    errors.toFile().deleteOnExit();
    process = command.start(folder, errors.toFile());
    requests = new BufferedOutputStream(process.getOutputStream());
    Thread.ofPlatform().daemon().name("worker-answers").start(this::readAnswers);
  }

  void send(Message message) throws WorkerDied {
    try {
      requests.write((message.line() + "\n").getBytes(StandardCharsets.UTF_8));
      requests.flush();
    } catch (IOException e) {
      throw died();
    }
  }

  /// Waits for the next answer.
  ///
  /// @throws WorkerTimeout after this much processor or wall time; the worker is useless then
  Message receive(Duration cpu, Duration wall) throws WorkerDied, WorkerTimeout {
    Duration cpuEnd = cpuTime().plus(cpu);
    long wallEnd = System.nanoTime() + wall.toNanos();
    while (true) {
      String line = poll(POLL_MILLIS);
      if (line != null) {
        return parse(line);
      }
      if (cpuTime().compareTo(cpuEnd) > 0 || System.nanoTime() > wallEnd) {
        throw new WorkerTimeout(place(), cpu);
      }
    }
  }

  private Message parse(String line) throws WorkerDied {
    if (line.equals(END)) {
      throw died();
    }
    try {
      return Message.parse(line);
    } catch (MalformedJsonException e) {
      throw new WorkerDied(-1, "the worker said: " + Printable.of(line));
    }
  }

  /// Where the submission stands, asked of a worker whose check does not end.
  private String place() {
    try {
      send(Message.of("where"));
      String line = poll(PLACE_WAIT.toMillis());
      return line == null || line.equals(END) ? "" : Message.parse(line).get("place");
    } catch (WorkerDied | MalformedJsonException e) {
      return "";
    }
  }

  private @Nullable String poll(long millis) {
    try {
      return answers.poll(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return END;
    }
  }

  private Duration cpuTime() {
    return process.toHandle().info().totalCpuDuration().orElse(Duration.ZERO);
  }

  private WorkerDied died() {
    try {
      boolean ended = process.waitFor(PLACE_WAIT.toMillis(), TimeUnit.MILLISECONDS);
      return new WorkerDied(ended ? process.exitValue() : -1, errors());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new WorkerDied(-1, "interrupted");
    }
  }

  /// What the JVM of the worker complained of.
  private String errors() {
    try {
      return Printable.clip(Files.readString(folder.resolve("stderr")).strip(), ERRORS_MAX);
    } catch (IOException e) {
      return "";
    }
  }

  private void readAnswers() {
    try (InputStream in = process.getInputStream()) {
      byte[] line = new byte[8192];
      int length = 0;
      byte[] block = new byte[8192];
      for (int n = in.read(block); n > 0; n = in.read(block)) {
        for (int i = 0; i < n; i++) {
          if (block[i] == '\n') {
            answers.add(new String(line, 0, length, StandardCharsets.UTF_8));
            length = 0;
          } else {
            if (length == line.length) {
              line = Arrays.copyOf(line, length * 2);
            }
            line[length++] = block[i];
          }
        }
        if (length > LINE_MAX) {
          break;
        }
      }
    } catch (IOException e) {
      // The worker was killed; END below says so.
    }
    answers.add(END);
  }

  @Override
  public void close() {
    try {
      // An idle worker ends by itself when nobody asks any more.
      requests.close();
      process.waitFor(Long.getLong(FAREWELL_PROPERTY, 0), TimeUnit.MILLISECONDS);
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
      process.waitFor(2, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      // The pipe broke with the process.
    }
    delete(folder);
  }

  private static void delete(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : (Iterable<Path>) files.sorted(Comparator.reverseOrder())::iterator) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      // A left-over in the temporary folder harms nobody.
    }
  }
}
