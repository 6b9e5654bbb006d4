// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import static kvmlab.kernel.Barriers.smpWmb;
import static kvmlab.kvm.KvmMemslots.KVM_MEMSLOT_GEN_UPDATE_IN_PROGRESS;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import kvmlab.kernel.Ktrace;
import kvmlab.kernel.LongCell;
import kvmlab.kernel.Mutex;
import kvmlab.kernel.RefCell;
import kvmlab.kernel.RwLock;
import kvmlab.kernel.SrcuStruct;
import kvmlab.machine.Engine;
import kvmlab.machine.Violation;
import kvmlab.mm.Hva;
import kvmlab.mm.MmStruct;
import kvmlab.mm.MmuNotifierRange;
import kvmlab.mm.Pfn;
import org.jspecify.annotations.Nullable;

/// A virtual machine: what its parts share, and the calls that go through its protocol pieces.
///
/// @kernel include/linux/kvm_host.h struct kvm; virt/kvm/kvm_main.c
public final class Kvm {

  // Needs no lock: set before the VM is published.

  /// The address space of the program that runs the VM.
  public final MmStruct mm;

  /// The secondary page table.
  public final SecondaryMmu mmu;

  /// Readers of the memslots are in a read section of it.
  public final SrcuStruct srcu = SrcuStruct.define("kvm->srcu");

  /// Serialises the updates of the memslots.
  public final Mutex slotsLock = new Mutex("slots_lock");

  /// Guards what the architecture keeps in a memslot and may add at any time, where an update says
  /// so: see [InstallNewMemslots#underSlotsArchLock]. Taken inside read sections of srcu.
  public final Mutex slotsArchLock = new Mutex("slots_arch_lock");

  // Written under slots_lock, read inside a read section of srcu.
  private final List<RefCell<KvmMemslots>> memslots = new ArrayList<>(1);

  /// Guards the secondary page table and the invalidation state below. A page-table lock of the
  /// host may be held around it, never the other way round: no host look-up under this lock.
  public final RwLock mmuLock = new RwLock("mmu_lock");

  // Guarded by mmu_lock for writing.

  /// How many invalidations have ended. A fault also reads it without the lock, so writes are
  /// marked.
  public final LongCell mmuNotifierSeq = new LongCell("mmu_notifier_seq", 0).guardedBy(mmuLock);

  /// How many invalidations are in progress.
  public final LongCell mmuNotifierCount = new LongCell("mmu_notifier_count", 0).guardedBy(mmuLock);

  /// The first address of the invalidations in progress; means nothing while the count is 0.
  public final LongCell mmuNotifierRangeStart =
      new LongCell("mmu_notifier_range_start", 0).guardedBy(mmuLock);

  /// The address behind the last of the invalidations in progress.
  public final LongCell mmuNotifierRangeEnd =
      new LongCell("mmu_notifier_range_end", 0).guardedBy(mmuLock);

  // Needs no lock: set while the VM is created.
  private final KvmConfig config;
  private final List<Vcpu> vcpus = new ArrayList<>(2);
  private KvmObserver observer = KvmObserver.NONE;
  private boolean watched;
  private @Nullable DirectPageFault directPageFault;
  private @Nullable MmuNotifierRetry mmuNotifierRetry;
  private @Nullable InvalidateRange invalidateRange;
  private @Nullable HandleHvaRange handleHvaRange;
  private @Nullable HandleKvmHvaRange handleKvmHvaRange;
  private @Nullable MemslotUpdate memslotUpdate;
  private @Nullable VmLifeCycle lifeCycle;
  private final List<ProtocolPiece> pieces = new ArrayList<>(6);

  private Kvm(MmStruct mm, KvmConfig config) {
    this.mm = mm;
    this.config = config;
    this.mmu = new SecondaryMmu(this, config);
    for (int asId = 0; asId < config.addressSpaces(); asId++) {
      // The generations of one address space are never those of another.
      KvmMemslots none = new KvmMemslots(asId, List.of());
      memslots.add(new RefCell<>("memslots[" + asId + "]", none).guardedBy(slotsLock));
    }
  }

  // ---- life cycle

  /// Creates a VM without memory that runs in the address space `mm`.
  ///
  /// @throws IllegalStateException when a step of the creation fails
  /// @kernel virt/kvm/kvm_main.c kvm_create_vm()
  public static Kvm createVm(MmStruct mm, KvmConfig config, KvmOps ops) {
    Kvm kvm = alloc(mm, config, ops);
    int error = kvm.create();
    if (error != 0) {
      throw new IllegalStateException("kvm_create_vm() returned " + error);
    }
    return kvm;
  }

  /// Returns a VM that nothing has been done for yet; [#create] comes next.
  ///
  /// @kernel virt/kvm/kvm_main.c kvm_arch_alloc_vm()
  public static Kvm alloc(MmStruct mm, KvmConfig config, KvmOps ops) {
    Kvm kvm = new Kvm(mm, config);
    ops.install(kvm);
    return kvm;
  }

  /// Runs the first half of the life cycle: see [VmLifeCycle].
  ///
  /// @return 0 or a negative error number
  public int create() {
    return Objects.requireNonNull(lifeCycle).createVm();
  }

  /// Runs the second half.
  public void destroy() {
    Objects.requireNonNull(lifeCycle).destroyVm();
  }

  /// Initialises the locks that the pieces have of their own. A step of the creation.
  public void initPieces() {
    pieces.forEach(ProtocolPiece::init);
  }

  /// Asks the host to call in from now on, where the configuration has notifiers. A step of the
  /// creation.
  ///
  /// @return 0 or a negative error number
  /// @kernel virt/kvm/kvm_main.c kvm_init_mmu_notifier()
  public int initMmuNotifier() {
    if (config.notifiers()) {
      mm.mmuNotifierRegister(new MmuNotifier(this, Objects.requireNonNull(invalidateRange)));
    }
    return 0;
  }

  /// Sets back what starts have left whose end will never come. A step of the destruction.
  public void resetPieces() {
    pieces.forEach(ProtocolPiece::reset);
  }

  void install(ProtocolPiece piece) {
    pieces.add(piece);
    if (piece instanceof VmLifeCycle life) {
      lifeCycle = life;
    }
    if (piece instanceof DirectPageFault fault) {
      directPageFault = fault;
    }
    if (piece instanceof MmuNotifierRetry retry) {
      mmuNotifierRetry = retry;
    }
    if (piece instanceof InvalidateRange invalidate) {
      invalidateRange = invalidate;
    }
    if (piece instanceof HandleHvaRange handle) {
      handleHvaRange = handle;
    }
    if (piece instanceof HandleKvmHvaRange handle) {
      handleKvmHvaRange = handle;
    }
    if (piece instanceof InstallNewMemslots install) {
      memslotUpdate = new MemslotUpdate(this, install);
    }
  }

  /// Adds a virtual processor.
  ///
  /// @kernel virt/kvm/kvm_main.c kvm_vm_ioctl_create_vcpu()
  public Vcpu createVcpu() {
    Vcpu vcpu = new Vcpu(this, vcpus.size(), config);
    vcpus.add(vcpu);
    if (watched) {
      vcpu.watch();
    }
    return vcpu;
  }

  // ---- memslots

  /// Creates the memslot that `mem` describes, or changes the one with its number: moves it, or
  /// sets its flags. Without pages, deletes it.
  ///
  /// @return 0; `-EINVAL` when `mem` is no such slot, or another size, host address or `READONLY`
  ///   flag than the slot has; `-EEXIST` when another slot has a page of it
  /// @kernel virt/kvm/kvm_main.c kvm_set_memory_region()
  public int setMemoryRegion(KvmMemorySlot mem) {
    return Objects.requireNonNull(memslotUpdate).setMemoryRegion(mem);
  }

  /// Lets the architecture refuse, with `-error`, to create, move or delete a memslot from now on;
  /// 0 for no error. For tests of what an update undoes.
  public void failPrepareMemoryRegion(int error) {
    Objects.requireNonNull(memslotUpdate).failPrepare(error);
  }

  /// Returns the memslots of address space `asId`. The caller holds `slots_lock`.
  public KvmMemslots activeMemslots(int asId) {
    return Objects.requireNonNull(memslots.get(asId).get());
  }

  /// Marks `slots`, which are about to be published for address space `asId`, as an update in
  /// progress: nobody may remember for longer what they do not hold. The caller holds `slots_lock`.
  ///
  /// @kernel virt/kvm/kvm_main.c install_new_memslots()
  public void beginUpdate(int asId, KvmMemslots slots) {
    long generation = activeMemslots(asId).generation.get();
    if (generation < 0) {
      Engine.current()
          .fail(
              Violation.of(
                  Violation.Kind.MISUSE,
                  null,
                  "an update of the memslots is over before the next one begins",
                  "memslots[" + asId + "] are of " + activeMemslots(asId)));
    }
    slots.generation.set(generation | KVM_MEMSLOT_GEN_UPDATE_IN_PROGRESS);
  }

  /// Gives `slots`, which have been published and are all that a reader can see, a generation of
  /// their own. The caller holds `slots_lock`.
  public void finishUpdate(KvmMemslots slots) {
    long generation = slots.generation.get() & ~KVM_MEMSLOT_GEN_UPDATE_IN_PROGRESS;
    slots.generation.writeOnce(generation + addressSpaces());
  }

  /// Removes what the guest still reaches through `slot`, which is published as invalid.
  ///
  /// @kernel arch/x86/kvm/x86.c kvm_arch_flush_shadow_memslot()
  public void flushShadowMemslot(KvmMemorySlot slot) {
    mmu.zapAllFast();
  }

  /// Makes `slots` the memslots of address space `asId`, visible to every later reader. The caller
  /// holds `slots_lock`.
  public void publishMemslots(int asId, KvmMemslots slots) {
    memslots.get(asId).rcuAssignPointer(slots);
    observer.memslotsPublished(this, asId, slots);
  }

  /// Returns the memslots of address space `asId`. The caller is in a read section of `srcu`, or
  /// holds `slots_lock`.
  ///
  /// @kernel include/linux/kvm_host.h __kvm_memslots()
  public KvmMemslots memslots(int asId) {
    RefCell<KvmMemslots> pointer = memslots.get(asId);
    return Objects.requireNonNull(
        slotsLock.lockdepIsHeld()
            ? pointer.srcuDereferenceCheck(srcu, slotsLock)
            : pointer.srcuDereference(srcu));
  }

  /// Returns how many address spaces there are.
  public int addressSpaces() {
    return memslots.size();
  }

  // ---- faults

  /// Handles a guest access that the secondary page table does not translate: see
  /// [DirectPageFault]. Called in a read section of `srcu`, without a lock.
  public RetPf directPageFault(Vcpu vcpu, Gfn gfn, boolean write) {
    try (var _ = Ktrace.call(() -> "direct_page_fault(" + gfn + ")")) {
      RetPf ret = Objects.requireNonNull(directPageFault).directPageFault(vcpu, gfn, write);
      Ktrace.note(() -> "RET_PF_" + ret);
      return ret;
    }
  }

  /// Looks up the host frame behind `hva`, an error where there is none. May sleep, and may run
  /// notifiers on this very VM: the caller holds no spinning lock.
  ///
  /// @param write whether the guest wants to write
  /// @kernel virt/kvm/kvm_main.c hva_to_pfn()
  public Pfn hvaToPfn(Hva hva, boolean write) {
    try (var _ = Ktrace.call(() -> "hva_to_pfn(" + hva + ")")) {
      return mm.getUserPagesFast(hva, write);
    }
  }

  /// Returns whether a fault must start over: see [MmuNotifierRetry]. The caller holds `mmu_lock`.
  public boolean mmuNotifierRetryHva(long mmuSeq, Hva hva) {
    mmuLock.lockdepAssertHeld();
    boolean retry = Objects.requireNonNull(mmuNotifierRetry).mmuNotifierRetryHva(mmuSeq, hva);
    Ktrace.note(() -> "mmu_notifier_retry_hva(" + mmuSeq + ", " + hva + ") -> " + retry);
    observer.retryTested(this, mmuSeq, hva, retry);
    return retry;
  }

  // ---- invalidations

  /// Calls `handler` for the guest pages that a range of host addresses covers: see
  /// [HandleHvaRange].
  public boolean handleHvaRange(Hva start, Hva end, HvaHandler handler) {
    return Objects.requireNonNull(handleHvaRange).handleHvaRange(start, end, handler);
  }

  /// Calls the handler of `range` with the locks that it needs: see [HandleKvmHvaRange].
  public boolean handleHvaRange(KvmHvaRange range) {
    return Objects.requireNonNull(handleKvmHvaRange).handleHvaRange(range);
  }

  /// Counts an invalidation of `start` to `end` as in progress. The caller holds `mmu_lock` for
  /// writing, and removes the translations before it releases the lock.
  ///
  /// @kernel virt/kvm/kvm_main.c kvm_inc_notifier_count()
  public void incNotifierCount(Hva start, Hva end) {
    long count = mmuNotifierCount.get() + 1;
    mmuNotifierCount.writeOnce(count);
    boolean first = count == 1;
    // One range for all that are in progress: it grows to their hull, and never shrinks.
    mmuNotifierRangeStart.writeOnce(
        first ? start.address() : Math.min(start.address(), mmuNotifierRangeStart.get()));
    mmuNotifierRangeEnd.writeOnce(
        first ? end.address() : Math.max(end.address(), mmuNotifierRangeEnd.get()));
  }

  /// Counts an invalidation as ended. The caller holds `mmu_lock` for writing.
  ///
  /// @kernel virt/kvm/kvm_main.c kvm_dec_notifier_count()
  public void decNotifierCount(Hva start, Hva end) {
    // Before the count drops: a fault must not pass between the two halves of the test.
    mmuNotifierSeq.writeOnce(mmuNotifierSeq.get() + 1);
    // For readers without the lock only: they see the count drop after the number.
    smpWmb();
    mmuNotifierCount.writeOnce(mmuNotifierCount.get() - 1);
  }

  /// Removes every translation to host addresses of `range`. The caller holds `mmu_lock` for
  /// writing and is in a read section of `srcu`.
  ///
  /// @return whether the TLBs must be flushed before the lock is released
  /// @kernel arch/x86/kvm/mmu/mmu.c kvm_unmap_hva_range()
  public boolean unmapHvaRange(MmuNotifierRange range) {
    return handleHvaRange(range.start(), range.end(), mmu::unmapGfnRange);
  }

  /// Makes every vCPU forget its translations, and returns when all have.
  ///
  /// @kernel virt/kvm/kvm_main.c kvm_flush_remote_tlbs()
  public void flushRemoteTlbs() {
    try (var _ = Ktrace.call(() -> "kvm_flush_remote_tlbs()")) {
      vcpus.forEach(Vcpu::flushTlb);
    }
    observer.remoteTlbsFlushed(this);
  }

  // ---- for invariants and reports

  /// Tells `observer` what happens from now on. There is one, for good.
  public void observe(KvmObserver observer) {
    if (this.observer != KvmObserver.NONE) {
      throw new IllegalStateException("this VM is observed already");
    }
    this.observer = observer;
    mmuLock.countAcquisitions();
  }

  KvmObserver observer() {
    return observer;
  }

  /// Declares that an invariant looks at every translation after every event.
  public void watch() {
    mmu.watch();
    vcpus.forEach(Vcpu::watch);
    watched = true;
  }

  /// Returns the configuration.
  public KvmConfig config() {
    return config;
  }

  /// Returns the piece in use that is also a `type`, such as what a design promises; null if there
  /// is none.
  public <T> @Nullable T piece(Class<T> type) {
    for (ProtocolPiece piece : pieces.reversed()) {
      if (type.isInstance(piece)) {
        return type.cast(piece);
      }
    }
    return null;
  }

  /// Returns the vCPUs.
  public List<Vcpu> vcpus() {
    return List.copyOf(vcpus);
  }

  /// Returns the newest memslots of address space `asId`, whoever asks.
  public KvmMemslots latestMemslots(int asId) {
    return Objects.requireNonNull(memslots.get(asId).latest());
  }
}
