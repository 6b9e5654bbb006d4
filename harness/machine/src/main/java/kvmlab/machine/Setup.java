// SPDX-License-Identifier: MIT
package kvmlab.machine;

/// What a {@link Program} declares while it is built.
public interface Setup {

  /// Adds a task; tasks are numbered in the order of these calls.
  void task(String name, Runnable body);

  /// Adds a check to be made after every event. It may look at watched locations only (see {@link
  /// Location#watch}), and at what it was told by the program itself.
  void afterEachEvent(Runnable check);

  /// Adds a check to be made when every task has ended.
  void atEnd(Runnable check);
}
