// SPDX-License-Identifier: MIT
package kvmlab.lab.catalogue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
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
import kvmlab.mm.MmuNotifierRange;

/// One VM with one vCPU, whose four pages `g0` to `g3` are the host's from `h0` on, unless a test
/// says otherwise; and the tasks that it adds. What an old translation leads to is what the tests
/// ask for, so what is merely slow is judged where they say so.
final class MmuScene implements Scenario {
  static final Gfn G0 = new Gfn(0);
  static final Gfn G1 = new Gfn(1);

  private KvmOps ops = KvmOps.reference();
  private KvmConfig config = KvmConfig.SMALL;
  private MemoryModel model = MemoryModel.SC;
  private Set<String> alsoWatched = Set.of();
  private Set<String> unwatched = Set.of();
  private List<KvmMemorySlot> slots = List.of(new KvmMemorySlot(0, G0, 4, Hva.page(0)));
  private Consumer<Vcpu> before = vcpu -> {};
  private final List<Added> tasks = new ArrayList<>();

  private record Added(String name, BiConsumer<World, Vcpu> body) {}

  MmuScene ops(KvmOps other) {
    ops = other;
    return this;
  }

  MmuScene with(Function<? super Kvm, ? extends ProtocolPiece> piece) {
    ops = ops.with(piece);
    return this;
  }

  MmuScene config(KvmConfig other) {
    config = other;
    return this;
  }

  MmuScene weaklyOrdered() {
    model = MemoryModel.LKMM;
    return this;
  }

  /// Asks this invariant, too, although it says what is slow.
  MmuScene alsoWatching(String invariant) {
    alsoWatched = Set.of(invariant);
    return this;
  }

  /// Does not ask these invariants, so that what follows from them can be seen.
  MmuScene unwatched(String... invariants) {
    unwatched = Set.of(invariants);
    return this;
  }

  MmuScene slots(KvmMemorySlot... others) {
    slots = List.of(others);
    return this;
  }

  /// Runs before the tasks begin.
  MmuScene before(Consumer<Vcpu> code) {
    before = code;
    return this;
  }

  /// Lets the guest read the page before the tasks begin.
  MmuScene touched(Gfn gfn) {
    return before(vcpu -> vcpu.read(gfn));
  }

  MmuScene guest(Consumer<Vcpu> code) {
    tasks.add(new Added("vcpu 0", (_, vcpu) -> code.accept(vcpu)));
    return this;
  }

  MmuScene host(String name, Consumer<World> code) {
    tasks.add(new Added(name, (world, _) -> code.accept(world)));
    return this;
  }

  MmuScene kvm(String name, Consumer<Kvm> code) {
    tasks.add(new Added(name, (_, vcpu) -> code.accept(vcpu.kvm())));
    return this;
  }

  /// Adds a task that takes the frames from page `from` to page `to` away.
  MmuScene unmap(int from, int to) {
    return host(
        "madvise " + tasks.size(),
        world -> world.mm().madviseDontneed(Hva.page(from), Hva.page(to)));
  }

  /// Adds a task that sends a start and an end of these addresses, and changes nothing.
  MmuScene notify(Hva start, Hva end) {
    return host(
        "notifier " + tasks.size(),
        world -> {
          MmuNotifierRange range = new MmuNotifierRange(start, end, true);
          world.mm().notifierSubscriptions().invalidateRangeStart(range);
          world.mm().notifierSubscriptions().invalidateRangeEnd(range);
        });
  }

  Exploration explore() {
    return Lab.explore(this);
  }

  @Override
  public void build(World world) {
    world.mm();
    if (config.hugePages()) {
      world.mm().madviseHugepage(Hva.page(0), Hva.page(Hva.PAGES_PER_HPAGE));
    }
    Kvm kvm = world.vm(ops, config);
    world.mm().populate(Hva.page(0), Hva.page(Hva.PAGES_PER_HPAGE));
    slots.forEach(kvm::setMemoryRegion);
    Vcpu vcpu = kvm.createVcpu();
    before.accept(vcpu);
    for (Added added : tasks) {
      world.task(added.name(), () -> added.body().accept(world, vcpu));
    }
  }

  @Override
  public boolean watches(String invariant) {
    return alsoWatched.contains(invariant)
        || (Scenario.super.watches(invariant) && !unwatched.contains(invariant));
  }

  @Override
  public MemoryModel model() {
    return model;
  }

  @Override
  public String id() {
    return "lab:MmuScene";
  }
}
