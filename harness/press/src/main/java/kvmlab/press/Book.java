// SPDX-License-Identifier: MIT
package kvmlab.press;

import java.util.List;

/// The pages in reading order; the first is the title page.
///
/// @param title the whole title, a subtitle after a colon
record Book(String title, List<Leaf> leaves) {

  Leaf front() {
    return leaves.get(0);
  }

  List<Leaf> chapters() {
    return leaves.subList(1, leaves.size());
  }

  String mainTitle() {
    return title.split(": ", 2)[0];
  }

  String subtitle() {
    String[] both = title.split(": ", 2);
    return both.length == 2 ? both[1] : "";
  }
}
