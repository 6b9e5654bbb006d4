// SPDX-License-Identifier: MIT
package kvmlab.kernel.memory;

import kvmlab.kernel.memory.Event.Tag;
import kvmlab.kernel.memory.Event.Type;

/// The kernel's memory model as a predicate on candidate executions: to be read beside the file
/// that it transcribes, whose names and order it keeps.
///
/// Covered: marked accesses, the three barriers, updates, spinlocks, SRCU. So every access is in
/// `Marked`, which is left out, and there is no `addr`, `data` or `ctrl`. The events of an SRCU
/// section access no memory here, as in the file up to Linux 6.2; since then they do, which can
/// only forbid more.
///
/// @source tools/memory-model/linux-kernel.cat, Linux 6.15
final class LinuxKernelCat {

  /// What is added to the model.
  enum Strengthening {
    /// Nothing: the kernel's model.
    NONE,
    /// A task comes to its writes, and to the beginnings of its read sections and grace periods,
    /// after all its earlier reads. The explorer runs tasks so.
    IN_ORDER
  }

  private final EventStructure structure;
  private final Strengthening strengthening;
  private final Relation po;
  private final Relation internal;
  private final Relation external;
  private final long r;
  private final long w;
  private final long m;

  // What depends on program order alone.
  private final Relation acqPo;
  private final Relation poRel;
  private final Relation strongFence;
  private final Relation wmb;
  private final Relation fence;
  private final Relation readBeforeWrite;

  LinuxKernelCat(EventStructure structure, Strengthening strengthening) {
    this.structure = structure;
    this.strengthening = strengthening;
    po = structure.po;
    internal = structure.internal;
    external = structure.external;
    r = structure.set(Type.READ);
    w = structure.set(Type.WRITE);
    m = r | w;
    acqPo = acqPo();
    poRel = poRel();
    wmb = fencerel(Tag.WMB).from(w).to(w);
    Relation rmb = fencerel(Tag.RMB).from(r).to(r);
    strongFence = mb().or(gp());
    fence = strongFence.or(poRel, acqPo, wmb, rmb);
    readBeforeWrite =
        strengthening == Strengthening.NONE ? Relation.empty(structure.size()) : po.from(r).to(w);
  }

  /// Returns whether the model allows the execution. It is coherent and its updates are atomic:
  /// {@link #coherence} and {@link #atomic} are tested while it is put together.
  boolean allows(Relation rf, Relation co) {
    Relation overwrite = co.or(fr(rf, co));
    Relation rfe = rf.and(external);
    Relation poUnlockLockPo = poUnlockLockPo(rf);
    Relation prop = prop(overwrite, rf, rfe, poUnlockLockPo);
    Relation hb = ppo(overwrite, poUnlockLockPo).or(rfe, prop.minusIdentity().and(internal));
    if (!hb.acyclic()) {
      return false;
    }
    Relation hbStar = hb.star();
    Relation pb = prop.then(strongFence).then(hbStar);
    if (!pb.acyclic()) {
      return false;
    }
    return !structure.usesSrcu() || rb(rf, prop, hbStar, pb.star()).irreflexive();
  }

  // ---- basic relations

  private Relation acqPo() {
    return po.from(structure.set(Tag.ACQUIRE)).to(m);
  }

  private Relation poRel() {
    return po.from(m).to(structure.set(Tag.RELEASE));
  }

  private Relation poUnlockLockPo(Relation rf) {
    Relation handOver = po.or(rf).from(structure.set(Tag.UL)).to(structure.set(Tag.LKR));
    return po.then(handOver).then(po);
  }

  private Relation fencerel(Tag tag) {
    return po.to(structure.set(tag)).then(po);
  }

  private Relation mb() {
    long full = structure.set(Tag.MB);
    Relation barriers = po.to(full & ~m).then(po);
    return barriers.or(po.to(full & r), po.from(full & w)).from(m).to(m);
  }

  private Relation gp() {
    return po.to(structure.set(Tag.SYNC_SRCU)).then(po.optional());
  }

  // ---- fundamental coherence ordering

  static Relation fr(Relation rf, Relation co) {
    return rf.inverse().then(co);
  }

  static boolean coherence(EventStructure structure, Relation rf, Relation co) {
    return structure.poLoc.or(rf, co, fr(rf, co)).acyclic();
  }

  static boolean atomic(EventStructure structure, Relation rf, Relation co) {
    Relation fre = fr(rf, co).and(structure.external);
    Relation coe = co.and(structure.external);
    return structure.rmw.and(fre.then(coe)).isEmpty();
  }

  // ---- instruction execution ordering

  private Relation ppo(Relation overwrite, Relation poUnlockLockPo) {
    return overwrite.and(internal).or(fence, poUnlockLockPo.and(internal), readBeforeWrite);
  }

  private Relation rmwSequence(Relation rf) {
    return rf.then(structure.rmw).star();
  }

  private Relation cumulFence(Relation rf, Relation rfe, Relation poUnlockLockPo) {
    Relation aCumul = rfe.optional().then(strongFence.or(poRel));
    return aCumul.or(wmb, poUnlockLockPo).then(rmwSequence(rf));
  }

  private Relation prop(Relation overwrite, Relation rf, Relation rfe, Relation poUnlockLockPo) {
    return overwrite
        .and(external)
        .optional()
        .then(cumulFence(rf, rfe, poUnlockLockPo).star())
        .then(rfe.optional());
  }

  // ---- RCU

  private Relation rb(Relation rf, Relation prop, Relation hbStar, Relation pbStar) {
    Relation rcuLink = po.optional().then(hbStar).then(pbStar).then(prop).then(po);
    Relation rcuFence = po.then(rcuOrder(rcuLink, rf)).then(po.optional());
    return prop.then(rcuFence).then(hbStar).then(pbStar);
  }

  /// The least relation that holds wherever at least as many grace periods as read sections follow
  /// one another.
  private Relation rcuOrder(Relation rcuLink, Relation rf) {
    Relation loc = structure.loc;
    Relation srcuGp =
        Relation.empty(structure.size()).optional().from(structure.set(Tag.SYNC_SRCU));
    Relation srcuRscsi = structure.srcuRscs.inverse();
    Relation gpLink = srcuGp.then(rcuLink);
    Relation linkGp = rcuLink.then(srcuGp);
    Relation rscsiLink = srcuRscsi.then(rcuLink);
    Relation linkRscsi = rcuLink.then(srcuRscsi);
    Relation order = srcuGp.or(gpLink.then(srcuRscsi).and(loc), rscsiLink.then(srcuGp).and(loc));
    while (true) {
      Relation next =
          order.or(
              gpLink.then(order).then(linkRscsi).and(loc),
              rscsiLink.then(order).then(linkGp).and(loc),
              order.then(rcuLink).then(order));
      if (strengthening == Strengthening.IN_ORDER) {
        next = next.or(byBeginnings(order, rf));
      }
      if (next.sameAs(order)) {
        return order;
      }
      order = next;
    }
  }

  /// What a grace period that begins before a read section, or after it, adds to `order`, when
  /// beginnings come after all that is earlier in program order.
  private Relation byBeginnings(Relation order, Relation rf) {
    long gps = structure.set(Tag.SYNC_SRCU);
    long locks = structure.set(Tag.SRCU_LOCK);
    Relation gpFirst = order.from(gps).to(locks);
    Relation sectionFirst = structure.srcuRscs.then(order.to(gps));
    Relation before = po.or(rf, gpFirst, sectionFirst).plus();
    return before
        .from(gps)
        .to(locks)
        .or(structure.srcuRscs.inverse().then(before.from(locks).to(gps)));
  }
}
