// SPDX-License-Identifier: MIT
package kvmlab.lab;

/// A replay token that was printed for other code.
public final class StaleToken extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  StaleToken(Token token, String missed) {
    super(
        token
            + " is stale, it was printed for other code: "
            + missed
            + ". Check the exercise again for a token of today");
  }
}
