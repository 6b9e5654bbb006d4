// SPDX-License-Identifier: MIT
package kvmlab.cli;

/// A command line that cannot be obeyed; the message says what to type instead.
final class UsageError extends Exception {

  private static final long serialVersionUID = 1L;

  UsageError(String message) {
    super(message);
  }
}
