// SPDX-License-Identifier: MIT
package kvmlab.mm;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import kvmlab.machine.Engine;

/// A subscriber that notes its calls, and which locks of the host are held in them.
class Recorder implements MmuNotifierOps {
  // Not locks of the host: the marks of a notifier section.
  private static final Set<String> OWN =
      Set.of("srcu_read_lock(srcu)", "lock_map_acquire(mmu_notifier_invalidate_range_start)");

  final List<String> calls = new ArrayList<>();
  final List<String> contexts = new ArrayList<>();

  void note(String call) {
    calls.add(call);
    contexts.add(call.replaceAll(" .*", "") + ": " + String.join(", ", held()));
  }

  private static List<String> held() {
    return Engine.current().task().held().stream()
        .filter(line -> line.startsWith(" #"))
        .map(line -> line.replaceAll("^ #\\d+: |, in .*", ""))
        .filter(lock -> !OWN.contains(lock))
        .toList();
  }

  @Override
  public int invalidateRangeStart(MmuNotifierRange range) {
    note("start " + range);
    return 0;
  }

  @Override
  public void invalidateRangeEnd(MmuNotifierRange range) {
    note("end " + range);
  }

  @Override
  public boolean clearFlushYoung(Hva start, Hva end) {
    note("clear_flush_young " + start + ".." + end);
    return false;
  }

  @Override
  public boolean clearYoung(Hva start, Hva end) {
    note("clear_young " + start + ".." + end);
    return false;
  }

  @Override
  public boolean testYoung(Hva address) {
    note("test_young " + address);
    return false;
  }

  @Override
  public void changePte(Hva address, Pte pte) {
    note("change_pte " + address + " " + pte);
  }

  @Override
  public void release() {
    note("release");
  }
}
