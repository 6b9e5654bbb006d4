// SPDX-License-Identifier: MIT
package kvmlab.lab;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kvmlab.explore.Route;

/// What names one execution of one scenario: `ex02:FaultRacesUnmap:v1:01k3f-11c0`.
///
/// It tells the way by what the tasks were about to do, not by counting, so it outlives changes of
/// the code that do not touch that way.
///
/// @param exercise the package of the scenario
/// @param scenario the simple name of its class
/// @param route the way
/// @param fingerprint four hexadecimal digits of the trace, to tell when the code has changed since
public record Token(String exercise, String scenario, Route route, String fingerprint) {
  private static final String VERSION = "v1";
  private static final String EXAMPLE = "ex02:FaultRacesUnmap:v1:01k3f-11c0";
  private static final Pattern FORM =
      Pattern.compile("([a-z][a-z0-9]*):([A-Za-z0-9]+):(v[0-9]+):(.*)");
  private static final Pattern REST = Pattern.compile("([0-9a-z.]*)-([0-9a-f]{4})");

  /// Reads a token.
  ///
  /// @throws IllegalArgumentException saying what is wrong with it
  public static Token parse(String text) {
    String token = text.strip();
    Matcher parts = FORM.matcher(token);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "'" + token + "' is no replay token; one looks like " + EXAMPLE);
    }
    if (!parts.group(3).equals(VERSION)) {
      throw new IllegalArgumentException(
          "'%s' is a token of version %s, and this course reads %s; check %s again for a token of"
                  .formatted(token, parts.group(3), VERSION, parts.group(1))
              + " this version");
    }
    Matcher rest = REST.matcher(parts.group(4));
    if (!rest.matches()) {
      throw new IllegalArgumentException(
          "'"
              + token
              + "' is cut off or mistyped: a token ends in a dash and four digits, like "
              + EXAMPLE);
    }
    try {
      return new Token(parts.group(1), parts.group(2), Route.decode(rest.group(1)), rest.group(2));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("'" + token + "' is mistyped: " + e.getMessage(), e);
    }
  }

  @Override
  public String toString() {
    return exercise + ":" + scenario + ":" + VERSION + ":" + route.encode() + "-" + fingerprint;
  }
}
