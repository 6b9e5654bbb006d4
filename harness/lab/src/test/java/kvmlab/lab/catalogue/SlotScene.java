// SPDX-License-Identifier: MIT
package kvmlab.lab.catalogue;

import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import kvmlab.explore.MemoryModel;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmConfig;
import kvmlab.kvm.KvmMemorySlot;
import kvmlab.kvm.KvmMemslots;
import kvmlab.kvm.KvmOps;
import kvmlab.kvm.ProtocolPiece;
import kvmlab.kvm.Vcpu;
import kvmlab.lab.Exploration;
import kvmlab.lab.Lab;
import kvmlab.lab.Scenario;
import kvmlab.lab.World;
import kvmlab.mm.Hva;

/// A VM whose memslot 0, page `g0` at `h0`, is updated while something else happens. What is not
/// said is the reference's.
final class SlotScene implements Scenario {
  static final Gfn G0 = new Gfn(0);
  static final Gfn G1 = new Gfn(1);
  static final KvmMemorySlot SLOT = new KvmMemorySlot(0, G0, 1, Hva.page(0));

  private KvmOps ops = KvmOps.reference();
  private KvmConfig config = KvmConfig.SMALL;
  private Set<String> unwatched = Set.of();
  private boolean touched;
  private boolean absent;
  private Consumer<Kvm> update = kvm -> {};
  private Consumer<Vcpu> guest = vcpu -> {};
  private Consumer<Kvm> host = kvm -> {};

  private boolean updates;
  private boolean runs;
  private boolean hosts;

  /// Takes another protocol than the reference's.
  SlotScene ops(KvmOps other) {
    ops = other;
    return this;
  }

  /// Replaces a piece.
  SlotScene with(Function<? super Kvm, ? extends ProtocolPiece> piece) {
    ops = ops.with(piece);
    return this;
  }

  SlotScene config(KvmConfig other) {
    config = other;
    return this;
  }

  /// Lets the guest touch the page before the tasks begin.
  SlotScene touched() {
    touched = true;
    return this;
  }

  /// Leaves the memslot out.
  SlotScene absent() {
    absent = true;
    return this;
  }

  /// Does not ask these invariants, so that what follows from them can be seen.
  SlotScene unwatched(String... invariants) {
    unwatched = Set.of(invariants);
    return this;
  }

  /// Adds a task that updates the memslots.
  SlotScene update(Consumer<Kvm> code) {
    update = code;
    updates = true;
    return this;
  }

  /// Adds a task that changes memslot 0 as user space asks.
  SlotScene set(KvmMemorySlot mem) {
    return update(kvm -> kvm.setMemoryRegion(mem));
  }

  /// Adds a task that updates the memslots by hand, under `slots_lock`.
  SlotScene updateLocked(Consumer<Kvm> code) {
    return update(kvm -> {
      kvm.slotsLock.lock();
      code.accept(kvm);
      kvm.slotsLock.unlock();
    });
  }

  /// Adds a task that runs the guest.
  SlotScene guest(Consumer<Vcpu> code) {
    guest = code;
    runs = true;
    return this;
  }

  /// Adds a task of the host.
  SlotScene host(Consumer<Kvm> code) {
    host = code;
    hosts = true;
    return this;
  }

  /// Adds a task that takes the frame behind `g0` away.
  SlotScene unmap() {
    return host(kvm -> kvm.mm.madviseDontneed(Hva.page(0), Hva.page(1)));
  }

  Exploration explore() {
    return Lab.explore(this);
  }

  /// Publishes memslots without slot 0.
  static void remove(Kvm kvm) {
    kvm.installNewMemslots(0, kvm.activeMemslots(0).without(0));
  }

  /// Publishes memslot 0 as invalid.
  static void invalidate(Kvm kvm) {
    kvm.installNewMemslots(0, kvm.activeMemslots(0).with(slot(kvm).invalidated()));
  }

  /// Returns memslot 0. The caller holds `slots_lock`.
  static KvmMemorySlot slot(Kvm kvm) {
    KvmMemslots active = kvm.activeMemslots(0);
    return active.idToMemslot(0);
  }

  @Override
  public void build(World world) {
    Kvm kvm = world.vm(ops, config);
    world.mm().populate(Hva.page(0), Hva.page(2));
    if (!absent) {
      kvm.setMemoryRegion(SLOT);
    }
    Vcpu vcpu = kvm.createVcpu();
    if (touched) {
      vcpu.read(G0);
    }
    if (updates) {
      world.task("CPU 0 (KVM_SET_USER_MEMORY_REGION)", () -> update.accept(kvm));
    }
    if (runs) {
      world.task("CPU 1 (vcpu 0)", () -> guest.accept(vcpu));
    }
    if (hosts) {
      world.task("CPU 2 (host)", () -> host.accept(kvm));
    }
  }

  @Override
  public boolean watches(String invariant) {
    return Scenario.super.watches(invariant) && !unwatched.contains(invariant);
  }

  @Override
  public MemoryModel model() {
    return MemoryModel.SC;
  }

  @Override
  public String id() {
    return "lab:SlotScene";
  }
}
