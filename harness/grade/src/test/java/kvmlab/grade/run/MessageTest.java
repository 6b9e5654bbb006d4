// SPDX-License-Identifier: MIT
package kvmlab.grade.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.stream.MalformedJsonException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MessageTest {

  @ParameterizedTest
  @ValueSource(
      strings = {"plain", "two\nlines", "\"quoted\" \\ back", "\u2028 \u0000 \uD83D\uDE00", ""})
  void whatIsWrittenIsRead(String value) throws Exception {
    Message message = Message.of("done").with("message", value);

    assertThat(message.line()).doesNotContain("\n");
    assertThat(Message.parse(message.line())).isEqualTo(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "PASS", "[]", "{\"type\":{}}", "{\"type\":\"done\"", "null"})
  void nothingElseIsRead(String line) {
    assertThatThrownBy(() -> Message.parse(line)).isInstanceOf(MalformedJsonException.class);
  }
}
