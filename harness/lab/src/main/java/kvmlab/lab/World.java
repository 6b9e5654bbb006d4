// SPDX-License-Identifier: MIT
package kvmlab.lab;

import java.util.ArrayList;
import java.util.List;
import kvmlab.kernel.Lockdep;
import kvmlab.kvm.Gfn;
import kvmlab.kvm.Kvm;
import kvmlab.kvm.KvmConfig;
import kvmlab.kvm.KvmMemorySlot;
import kvmlab.kvm.KvmOps;
import kvmlab.machine.Setup;
import kvmlab.mm.Hva;
import kvmlab.mm.MmStruct;
import org.jspecify.annotations.Nullable;

/// What a scenario builds: a host, its virtual machines, and the tasks that race. The invariants
/// that its scenario asks for watch it.
public final class World {
  private static final int HOST_PAGES = 8;

  private final Setup setup;
  private final Judges judges;
  private final List<Kvm> vms = new ArrayList<>(1);
  private @Nullable MmStruct mm;
  private @Nullable Invariants invariants;

  /// Opens an empty world in the execution that `setup` belongs to.
  World(Setup setup, Judges judges) {
    this.setup = setup;
    this.judges = judges;
  }

  /// Adds a task; `name` heads its column in reports.
  public void task(String name, Runnable body) {
    setup.task(name, body);
  }

  /// Adds a check to be made when every task has ended. It may run guest code: nothing races it.
  public void atEnd(Runnable check) {
    setup.atEnd(check);
  }

  /// Returns the host's address space: eight pages, `h0` to `h7`, usable and without frames.
  public MmStruct mm() {
    MmStruct host = mm;
    if (host == null) {
      if (!judges.lockdep()) {
        Lockdep.proveLocking(false);
      }
      host = new MmStruct(HOST_PAGES);
      mm = host;
      host.mmap(Hva.page(0), Hva.page(HOST_PAGES));
      host.watch();
      Invariants watching = Invariants.watching(this, judges);
      invariants = watching;
      host.observe(watching);
      setup.atEnd(watching::atEnd);
    }
    return host;
  }

  /// Adds a VM without memory.
  public Kvm vm(KvmOps ops) {
    return vm(ops, KvmConfig.SMALL);
  }

  /// Adds a VM of this configuration without memory.
  public Kvm vm(KvmOps ops, KvmConfig config) {
    Kvm kvm = newVm(ops, config);
    int error = kvm.create();
    if (error != 0) {
      throw new IllegalStateException("kvm_create_vm() returned " + error);
    }
    return kvm;
  }

  /// Adds a VM that is not created yet: for scenarios about [Kvm#create].
  public Kvm newVm(KvmOps ops, KvmConfig config) {
    Kvm kvm = Kvm.alloc(mm(), config, ops);
    kvm.watch();
    if (invariants != null) {
      kvm.observe(invariants);
    }
    vms.add(kvm);
    return kvm;
  }

  /// Adds a VM with one memslot: its pages from `g0` on are the host's from `h0` on, and each has a
  /// frame.
  public Kvm vm(KvmOps ops, int pages) {
    Kvm kvm = vm(ops);
    mm().populate(Hva.page(0), Hva.page(pages));
    kvm.setMemoryRegion(new KvmMemorySlot(0, new Gfn(0), pages, Hva.page(0)));
    return kvm;
  }

  /// Returns the VMs that have been created and not destroyed, in order of creation.
  public List<Kvm> vms() {
    for (Kvm kvm : vms) {
      if (!kvm.isLive()) {
        return vms.stream().filter(Kvm::isLive).toList();
      }
    }
    return vms;
  }
}
