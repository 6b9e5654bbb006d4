// SPDX-License-Identifier: MIT
package kvmlab.lab;

/// A replay token that was printed for other code.
public final class StaleToken extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  StaleToken(Token token) {
    super(
        token
            + " was printed for other code: this code cannot follow that schedule."
            + " Check the exercise again for a token of today");
  }
}
