// SPDX-License-Identifier: MIT
package ex99;

/// As {@link LastComesFirst}, and nothing is wrong with it.
public final class LastMayComeFirst extends LastComesFirst {

  @Override
  protected void first() {}
}
