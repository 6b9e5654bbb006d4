// SPDX-License-Identifier: MIT
package kvmlab.press;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.junit.jupiter.api.Test;

class DesignsTest {

  @Test
  void sheetHasACellForEachDesignAndSaysWhatBroke() {
    DesignSheet sheet = Designs.sheet();

    assertThat(sheet.designs()).hasSize(6);
    assertThat(sheet.rows())
        .isNotEmpty()
        .allSatisfy(row -> {
          assertThat(row.cells()).hasSize(6);
          assertThat(row.statement()).as(row.invariant()).isNotBlank();
        });
    assertThat(
            sheet.rows().stream().flatMap(row -> row.cells().stream()).map(DesignSheet.Cell::word))
        .contains("broken")
        .filteredOn(Objects::isNull)
        .isNotEmpty();
  }
}
