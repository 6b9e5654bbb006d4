// SPDX-License-Identifier: MIT
package kvmlab.grade.worker;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/// Where a submission's prints go: the first 8 kB are kept, the rest is counted.
final class Capture extends OutputStream {

  private static final int KEPT_MAX = 8 * 1024;

  private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
  private long dropped;

  @Override
  public synchronized void write(int b) {
    if (kept.size() < KEPT_MAX) {
      kept.write(b);
    } else {
      dropped++;
    }
  }

  @Override
  public synchronized void write(byte[] bytes, int offset, int length) {
    int fits = Math.min(length, KEPT_MAX - kept.size());
    kept.write(bytes, offset, fits);
    dropped += length - fits;
  }

  /// What was printed since the last call.
  synchronized String take() {
    String text = kept.toString(StandardCharsets.UTF_8);
    if (dropped > 0) {
      text += "\n[" + dropped + " more bytes]";
    }
    kept.reset();
    dropped = 0;
    return text;
  }
}
