// SPDX-License-Identifier: MIT
package ex01;

import static org.assertj.core.api.Assertions.assertThat;

import kvmlab.lab.Check;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class HalveTest {

  @Check(task = 2, stars = 1, title = "Six is even, seven is not", kind = Check.Kind.EXAMPLE)
  @Test
  void sixIsEven() {
    assertThat(new Halve(0).isEven(6)).isTrue();
    assertThat(new Halve(0).isEven(7)).isFalse();
  }

  @Check(task = 1, stars = 3, title = "Half of six is three", kind = Check.Kind.EXAMPLE)
  @Test
  void halfOfSixIsThree() {
    assertThat(new Halve(1).half(6)).as("half of 6, plus 1").isEqualTo(4);
  }
}

class HalveProperties {

  @Check(task = 1, stars = 2, title = "Twice the half is the number again", kind = Check.Kind.PROPERTY)
  @Property(seed = "7", tries = 50)
  void twiceTheHalf(@ForAll short x) {
    assertThat(new Halve(0).half(2 * x)).isEqualTo(x);
  }
}
