// SPDX-License-Identifier: MIT
package kvmlab.bench;

/// One field of the table: what is measured, of which tool, on which scenario.
record Cell(Measure measure, Contender tool, String scenario) {

  @Override
  public String toString() {
    return measure.title() + ", " + scenario + ", " + tool;
  }
}
