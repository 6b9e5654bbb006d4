// SPDX-License-Identifier: MIT
package kvmlab.grade.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import kvmlab.lab.instrument.Instrumented;
import org.jspecify.annotations.Nullable;

/// Defines a submission and its checks in one loader, so that they share a package.
///
/// The classes of the submission come instrumented; the checks are as they are compiled.
///
/// A check wins over a class of the submission that has its name.
final class SubmissionLoader extends ClassLoader implements Instrumented {

  private final Map<String, byte[]> submission;
  private final Path checks;

  SubmissionLoader(Map<String, byte[]> submission, Path checks) {
    super("submission", SubmissionLoader.class.getClassLoader());
    this.submission = submission;
    this.checks = checks;
  }

  @Override
  protected Class<?> findClass(String name) throws ClassNotFoundException {
    byte[] bytes = check(name);
    if (bytes == null) {
      bytes = submission.get(name);
    }
    if (bytes == null) {
      throw new ClassNotFoundException(name);
    }
    return defineClass(name, bytes, 0, bytes.length);
  }

  private byte @Nullable [] check(String name) throws ClassNotFoundException {
    Path file = checks.resolve(name.replace('.', '/') + ".class");
    try {
      return Files.isRegularFile(file) ? Files.readAllBytes(file) : null;
    } catch (IOException e) {
      throw new ClassNotFoundException(name, e);
    }
  }
}
