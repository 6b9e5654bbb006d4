// SPDX-License-Identifier: MIT
package kvmlab.lab;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kvmlab.explore.Schedule;

/// What names one execution of one scenario: `ex02:FaultRacesUnmap:v1:0a2b-11c0`.
///
/// @param exercise the package of the scenario
/// @param scenario the simple name of its class
/// @param schedule the decisions
/// @param fingerprint four hexadecimal digits of the trace, to tell when the code has changed since
public record Token(String exercise, String scenario, Schedule schedule, String fingerprint) {
  private static final Pattern FORM =
      Pattern.compile("([a-z][a-z0-9]*):([A-Za-z0-9]+):v1:([0-9a-z]*)-([0-9a-f]{4})");

  /// Reads a token.
  ///
  /// @throws IllegalArgumentException saying what is wrong with it
  public static Token parse(String text) {
    Matcher parts = FORM.matcher(text.strip());
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is no replay token; one looks like ex02:FaultRacesUnmap:v1:0a2b-11c0");
    }
    return new Token(
        parts.group(1), parts.group(2), Schedule.decode(parts.group(3)), parts.group(4));
  }

  @Override
  public String toString() {
    return exercise + ":" + scenario + ":v1:" + schedule.encode() + "-" + fingerprint;
  }
}
