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
import kvmlab.kvm.KvmOps;
import kvmlab.kvm.ProtocolPiece;
import kvmlab.kvm.Vcpu;
import kvmlab.lab.Exploration;
import kvmlab.lab.Lab;
import kvmlab.lab.Scenario;
import kvmlab.lab.World;
import kvmlab.mm.Hva;
import org.jspecify.annotations.Nullable;

/// A VM that is created or destroyed while something else happens. What is not said is the
/// reference's.
final class LifeScene implements Scenario {
  static final Gfn G0 = new Gfn(0);
  static final KvmMemorySlot SLOT = new KvmMemorySlot(0, G0, 1, Hva.page(0));

  private KvmOps ops = KvmOps.reference();
  private KvmConfig config = KvmConfig.SMALL;
  private Set<String> unwatched = Set.of();
  private boolean created = true;
  private Consumer<Kvm> before = kvm -> {};
  private @Nullable Consumer<Kvm> first;
  private @Nullable Consumer<Kvm> second;

  /// Takes another protocol than the reference's.
  LifeScene ops(KvmOps other) {
    ops = other;
    return this;
  }

  /// Replaces a piece.
  LifeScene with(Function<? super Kvm, ? extends ProtocolPiece> piece) {
    ops = ops.with(piece);
    return this;
  }

  LifeScene config(KvmConfig other) {
    config = other;
    return this;
  }

  /// Builds the kernel with these options.
  LifeScene notifiers(boolean mmuNotifier, boolean archWantsMmuNotifier) {
    return config(config.withNotifiers(mmuNotifier, archWantsMmuNotifier));
  }

  /// Does not ask these invariants, so that what follows from them can be seen.
  LifeScene unwatched(String... invariants) {
    unwatched = Set.of(invariants);
    return this;
  }

  /// Creates the VM in the first task, not before.
  LifeScene creating() {
    created = false;
    first = Kvm::create;
    return this;
  }

  /// Does something before the tasks begin.
  LifeScene before(Consumer<Kvm> code) {
    before = before.andThen(code);
    return this;
  }

  /// Gives the VM page `g0`.
  LifeScene memory() {
    return before(kvm -> kvm.setMemoryRegion(SLOT));
  }

  /// Lets a vCPU touch the page, and closes its file.
  LifeScene touched() {
    return memory()
        .before(kvm -> {
          Vcpu vcpu = kvm.createVcpu();
          vcpu.read(G0);
          vcpu.release();
        });
  }

  /// Closes the VM's file in the first task: nobody else has it open.
  LifeScene destroying() {
    return first(Kvm::putKvm);
  }

  LifeScene first(Consumer<Kvm> code) {
    first = code;
    return this;
  }

  LifeScene second(Consumer<Kvm> code) {
    second = code;
    return this;
  }

  /// Adds a task that takes the frame behind `g0` away.
  LifeScene unmap() {
    return second(kvm -> kvm.mm.madviseDontneed(Hva.page(0), Hva.page(1)));
  }

  Exploration explore() {
    return Lab.explore(this);
  }

  @Override
  public void build(World world) {
    Kvm kvm = created ? world.vm(ops, config) : world.newVm(ops, config);
    world.mm().populate(Hva.page(0), Hva.page(1));
    before.accept(kvm);
    task(world, "CPU 0", first, kvm);
    task(world, "CPU 1", second, kvm);
  }

  private static void task(World world, String name, @Nullable Consumer<Kvm> code, Kvm kvm) {
    if (code != null) {
      world.task(name, () -> code.accept(kvm));
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
    return "lab:LifeScene";
  }
}
