// SPDX-License-Identifier: MIT
package kvmlab.press;

import java.util.List;
import org.jsoup.nodes.Element;

/// One page of the site.
///
/// @param file name of the page in the site's folder
/// @param number chapter number as printed, empty where the chapter has none
/// @param title title as HTML
/// @param body the text, its title included
record Leaf(String file, String number, String title, Element body) {

  /// The title without its markup.
  String plainTitle() {
    return org.jsoup.Jsoup.parseBodyFragment(title).text();
  }

  /// The headings that the table of contents shows, in reading order.
  List<Element> sections() {
    return body.select("h2[id]");
  }
}
