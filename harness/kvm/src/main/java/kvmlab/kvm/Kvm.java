// SPDX-License-Identifier: MIT
package kvmlab.kvm;

import static kvmlab.kernel.Barriers.smpWmb;
import static kvmlab.kvm.KvmMemslots.KVM_MEMSLOT_GEN_UPDATE_IN_PROGRESS;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import kvmlab.kernel.Ktrace;
import kvmlab.kernel.LongCell;
import kvmlab.kernel.Mutex;
import kvmlab.kernel.RefCell;
import kvmlab.kernel.Refcount;
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
  public final SrcuStruct srcu = new SrcuStruct("kvm->srcu");

  /// Readers of the interrupt routes would be. Nothing here has any, but creation and destruction
  /// have one more thing that can fail and must be undone.
  public final SrcuStruct irqSrcu = new SrcuStruct("kvm->irq_srcu");

  /// Counts who has the VM open: its file, and the file of each vCPU.
  public final Refcount usersCount = new Refcount("users_count");

  /// Serialises the updates of the memslots.
  public final Mutex slotsLock = new Mutex("slots_lock");

  /// Guards what the architecture keeps in a memslot and may add at any time, where an update says
  /// so: see [InstallNewMemslots#underSlotsArchLock]. Taken inside read sections of srcu.
  public final Mutex slotsArchLock = new Mutex("slots_arch_lock");

  // Written under slots_lock, read inside a read section of srcu.
  private final List<RefCell<KvmMemslots>> memslots = new ArrayList<>(1);

  /// 1 when the memslots have reverse maps; written under slots_arch_lock, read without.
  private final LongCell memslotsHaveRmaps =
      new LongCell("memslots_have_rmaps", 0).guardedBy(slotsArchLock);

  /// Guards the secondary page table and the invalidation state below. A page-table lock of the
  /// host may be held around it, never the other way round: no host look-up under this lock.
  public final RwLock mmuLock = new RwLock("mmu_lock");

  // Guarded by mmu_lock for writing. Compiled in where the VM has notifiers: see KvmConfig.

  /// How many invalidations have ended. A fault also reads it without the lock, so writes are
  /// marked.
  public final LongCell mmuNotifierSeq;

  /// How many invalidations are in progress.
  public final LongCell mmuNotifierCount;

  /// The first address of the invalidations in progress; means nothing while the count is 0.
  public final LongCell mmuNotifierRangeStart;

  /// The address behind the last of the invalidations in progress.
  public final LongCell mmuNotifierRangeEnd;

  // Needs no lock: set while the VM is created.
  private final KvmConfig config;
  private final VmState state;

  /// What the VM is created and destroyed by, a step at a time. For a [VmLifeCycle].
  public final VmSteps steps;

  private final List<Vcpu> vcpus = new ArrayList<>(2);
  private KvmObserver observer = KvmObserver.NONE;
  private boolean watched;
  private final List<TranslationCache> caches = new ArrayList<>(0);
  private final Pieces pieces = new Pieces();
  private final MemslotUpdate memslotUpdate = new MemslotUpdate(this, pieces);

  private Kvm(MmStruct mm, KvmConfig config) {
    this.mm = mm;
    this.config = config;
    this.state = new VmState(this);
    this.steps = new VmSteps(this, state, pieces);
    this.mmu = new SecondaryMmu(this, config);
    this.mmuNotifierSeq = invalidationState("mmu_notifier_seq");
    this.mmuNotifierCount = invalidationState("mmu_notifier_count");
    this.mmuNotifierRangeStart = invalidationState("mmu_notifier_range_start");
    this.mmuNotifierRangeEnd = invalidationState("mmu_notifier_range_end");
    if (config.failing() == VmStep.SRCU) {
      srcu.failInit(config.error());
    } else if (config.failing() == VmStep.IRQ_SRCU) {
      irqSrcu.failInit(config.error());
    }
    for (int asId = 0; asId < config.addressSpaces(); asId++) {
      memslots.add(new RefCell<KvmMemslots>("memslots[" + asId + "]", null).guardedBy(slotsLock));
    }
  }

  private LongCell invalidationState(String name) {
    return config.ifNotifiers().declare(new LongCell(name, 0).guardedBy(mmuLock));
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
  /// @return 0 or a negative error number: then nothing of the VM is left
  public int create() {
    int error = pieces.get(VmLifeCycle.class).createVm();
    state.live(error == 0);
    observer.vmCreated(this, error);
    return error;
  }

  /// Takes a reference to the VM. The caller has one already.
  ///
  /// @kernel virt/kvm/kvm_main.c kvm_get_kvm()
  public void getKvm() {
    state.use("kvm_get_kvm()");
    usersCount.inc();
  }

  /// Drops a reference, the one of the VM's file or one that was taken; the last one destroys the
  /// VM. May sleep.
  ///
  /// @kernel virt/kvm/kvm_main.c kvm_put_kvm()
  public void putKvm() {
    state.use("kvm_put_kvm()");
    if (usersCount.decAndTest()) {
      state.live(false);
      try (var _ = Ktrace.call(() -> "kvm_destroy_vm()")) {
        pieces.get(VmLifeCycle.class).destroyVm();
      }
      observer.vmDestroyed(this);
    }
  }

  /// Begins a system call on a file of the VM.
  ///
  /// @return 0, or a negative error number that the call is to return
  /// @kernel virt/kvm/kvm_main.c kvm_vm_ioctl(), kvm_vcpu_ioctl()
  int ioctl(String name) {
    state.use(name);
    return pieces.get(VmLifeCycle.class).ioctl(this);
  }

  /// Tells user space whether the VM can do `cap`: 1 if it can, 0 if not.
  ///
  /// @kernel virt/kvm/kvm_main.c kvm_vm_ioctl_check_extension_generic()
  public int checkExtension(KvmCap cap) {
    return pieces.get(VmLifeCycle.class).checkExtension(this, cap);
  }

  // ---- set-up

  void install(ProtocolPiece piece) {
    pieces.add(piece);
  }

  /// Adds a virtual processor.
  ///
  /// @kernel virt/kvm/kvm_main.c kvm_vm_ioctl_create_vcpu()
  public Vcpu createVcpu() {
    getKvm();
    Vcpu vcpu = new Vcpu(this, vcpus.size(), config);
    vcpus.add(vcpu);
    pieces.get(VcpuEnterGuest.class).vcpuCreate(vcpu);
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
  ///   flag than the slot has; `-EEXIST` when another slot has a page of it; `-EIO` in another
  ///   process
  /// @kernel virt/kvm/kvm_main.c kvm_set_memory_region()
  public int setMemoryRegion(KvmMemorySlot mem) {
    int error = ioctl("KVM_SET_USER_MEMORY_REGION");
    return error != 0 ? error : updateMemslot(mem);
  }

  /// Does what [#setMemoryRegion] does, also when user space cannot ask for it any more.
  int updateMemslot(KvmMemorySlot mem) {
    return memslotUpdate.setMemoryRegion(mem);
  }

  /// Returns which pages of a memslot the guest may have written since the last call, bit 0 being
  /// the first page; from now on it notes them anew. `-ENOENT` when there is no slot with this
  /// number, or it does not log.
  ///
  /// @kernel virt/kvm/kvm_main.c kvm_vm_ioctl_get_dirty_log()
  public long getDirtyLog(int asId, int id) {
    return memslotUpdate.getDirtyLog(asId, id);
  }

  /// Publishes `slots` as the memslots of address space `asId`: see [InstallNewMemslots]. The
  /// caller holds `slots_lock`.
  public void installNewMemslots(int asId, KvmMemslots slots) {
    memslotUpdate.installNewMemslots(asId, slots);
  }

  /// Lets the architecture refuse, with `-error`, to create, move or delete a memslot from now on;
  /// 0 for no error. For tests of what an update undoes.
  public void failPrepareMemoryRegion(int error) {
    memslotUpdate.failPrepare(error);
  }

  /// Gives address space `asId` memslots without a slot: nobody can read them yet, so no lock is
  /// needed.
  void initMemslots(int asId) {
    // Address spaces count on from different numbers, so that no two generations are the same.
    memslots.get(asId).rcuInitPointer(new KvmMemslots(asId, List.of()));
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
    generation += addressSpaces();
    // Before anybody can see it: what was remembered of an old generation with the same number in
    // fewer bits must be forgotten.
    archMemslotsUpdated(generation);
    slots.generation.writeOnce(generation);
  }

  /// Tells the architecture that the next generation of memslots will be `generation`. The caller
  /// holds `slots_lock`.
  ///
  /// @kernel arch/x86/kvm/x86.c kvm_arch_memslots_updated()
  public void archMemslotsUpdated(long generation) {
    HandleMmioPageFault mmio = pieces.find(HandleMmioPageFault.class);
    if (mmio != null) {
      mmio.memslotsUpdated(generation);
    }
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
    KvmMemslots slots =
        slotsLock.lockdepIsHeld()
            ? pointer.srcuDereferenceCheck(srcu, slotsLock)
            : pointer.srcuDereference(srcu);
    if (slots == null) {
      VmState.report(
          "I25",
          "memslots are allocated before anybody reads them",
          "reads kvm->memslots[" + asId + "], which is NULL");
    }
    return Objects.requireNonNull(slots);
  }

  /// Gives every memslot a reverse map, as the first shadow page table of a guest does: at any
  /// time, by a vCPU inside a read section of `srcu`. For VMs whose updates take `slots_arch_lock`.
  ///
  /// @kernel arch/x86/kvm/x86.c alloc_all_memslots_rmaps(), as of b10a038e84d1 "KVM: mmu: Add
  ///   slots_arch_lock for memslot arch fields"
  public void allocAllMemslotsRmaps() {
    slotsArchLock.lock();
    for (int asId = 0; asId < addressSpaces(); asId++) {
      memslots(asId).allocRmaps();
    }
    // After the maps are there: whoever sees this uses them without the lock.
    memslotsHaveRmaps.smpStoreRelease(1);
    slotsArchLock.unlock();
  }

  /// Enters a translation in the reverse map of its memslot, where memslots have one. The caller is
  /// in a read section of `srcu`.
  ///
  /// @kernel arch/x86/kvm/mmu/mmu.c rmap_add(), kvm_memslots_have_rmaps()
  public void rmapAdd(int asId) {
    if (memslotsHaveRmaps.smpLoadAcquire() != 0 && !memslots(asId).haveRmaps()) {
      Engine.current()
          .fail(
              Violation.of(
                  Violation.Kind.MISUSE,
                  null,
                  "every memslot has a reverse map once memslots_have_rmaps is set",
                  "NULL pointer dereference in rmap_add(): a memslot has none"));
    }
  }

  /// Returns how many address spaces there are.
  public int addressSpaces() {
    return memslots.size();
  }

  // ---- faults

  /// Handles a guest access that the secondary page table does not translate. The caller is in a
  /// read section of `srcu`.
  ///
  /// @kernel arch/x86/kvm/mmu/mmu.c kvm_mmu_page_fault()
  RetPf mmuPageFault(Vcpu vcpu, Gfn gfn, boolean write) {
    observer.faultEntered(vcpu, gfn);
    HandleMmioPageFault mmio = pieces.find(HandleMmioPageFault.class);
    if (mmio != null && mmio.handleMmioPageFault(vcpu, gfn)) {
      observer.emulated(vcpu, gfn, write, true);
      return RetPf.EMULATE;
    }
    RetPf ret = directPageFault(vcpu, gfn, write);
    if (ret == RetPf.EMULATE) {
      // A write to a slot that may only be read says nothing of later reads.
      if (mmio != null && !(write && isReadonly(vcpu.gfnToMemslot(gfn)))) {
        mmio.markMmioSpte(vcpu, gfn);
      }
      observer.emulated(vcpu, gfn, write, false);
    }
    return ret;
  }

  private static boolean isReadonly(@Nullable KvmMemorySlot slot) {
    return slot != null && slot.readonly();
  }

  /// Handles a guest access that the secondary page table does not translate: see
  /// [DirectPageFault]. Called in a read section of `srcu`, without a lock.
  public RetPf directPageFault(Vcpu vcpu, Gfn gfn, boolean write) {
    try (var _ = Ktrace.call(() -> "direct_page_fault(" + gfn + ")")) {
      RetPf ret = pieces.get(DirectPageFault.class).directPageFault(vcpu, gfn, write);
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
    if (!mm.isCurrent()) {
      VmState.report(
          "I2",
          "a look-up for a VM is made by a task of the VM's own process",
          "looks up " + hva + " in another address space; nobody tells the VM when that changes");
    }
    try (var _ = Ktrace.call(() -> "hva_to_pfn(" + hva + ")")) {
      return mm.getUserPagesFast(hva, write);
    }
  }

  /// Returns whether a fault must start over: see [MmuNotifierRetry]. The caller holds `mmu_lock`.
  public boolean mmuNotifierRetryHva(long mmuSeq, Hva hva) {
    mmuLock.lockdepAssertHeld();
    boolean retry = pieces.get(MmuNotifierRetry.class).mmuNotifierRetryHva(mmuSeq, hva);
    Ktrace.note(() -> "mmu_notifier_retry_hva(" + mmuSeq + ", " + hva + ") -> " + retry);
    observer.retryTested(this, mmuSeq, hva, retry);
    return retry;
  }

  // ---- invalidations

  /// Calls `handler` for the guest pages that a range of host addresses covers: see
  /// [HandleHvaRange].
  public boolean handleHvaRange(Hva start, Hva end, HvaHandler handler) {
    return pieces.get(HandleHvaRange.class).handleHvaRange(start, end, handler);
  }

  /// Calls the handler of `range` with the locks that it needs: see [HandleKvmHvaRange].
  public boolean handleHvaRange(KvmHvaRange range) {
    return pieces.get(HandleKvmHvaRange.class).handleHvaRange(range);
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
      makeAllCpusRequest(KvmRequest.TLB_FLUSH);
    }
    observer.remoteTlbsFlushed(this);
  }

  /// Asks something of every vCPU: see [MakeAllCpusRequest].
  public void makeAllCpusRequest(KvmRequest request) {
    pieces.get(MakeAllCpusRequest.class).makeAllCpusRequest(request);
  }

  /// Asks something of `vcpu`, whose own task calls this: see [MakeAllCpusRequest].
  public void makeRequest(KvmRequest request, Vcpu vcpu) {
    pieces.get(MakeAllCpusRequest.class).makeRequest(request, vcpu);
  }

  /// Looks up anew which frame the APIC-access page is in: see [SetApicAccessPageAddr].
  void setApicAccessPageAddr(Vcpu vcpu) {
    Objects.requireNonNull(piece(SetApicAccessPageAddr.class)).setApicAccessPageAddr(vcpu);
  }

  /// Adds a cache of a translation that the secondary page table does not hold. Caches are made
  /// before tasks run: the list has no lock.
  public void addCache(TranslationCache cache) {
    caches.add(cache);
  }

  /// Drops from every cache what it knows of `range`. To be called in start, before `mmu_lock` is
  /// taken, by a design that has counted the invalidation by then.
  ///
  /// @kernel virt/kvm/pfncache.c gfn_to_pfn_cache_invalidate_start()
  public void invalidateCaches(MmuNotifierRange range) {
    caches.forEach(cache -> cache.invalidateStart(range));
  }

  /// Runs the guest for an instruction: see [VcpuEnterGuest].
  boolean vcpuEnterGuest(Vcpu vcpu, BooleanSupplier guest) {
    return pieces.get(VcpuEnterGuest.class).vcpuEnterGuest(vcpu, guest);
  }

  /// Removes every translation.
  ///
  /// @kernel arch/x86/kvm/x86.c kvm_arch_flush_shadow_all()
  public void archFlushShadowAll() {
    mmuLock.writeLock();
    if (mmu.zapAll()) {
      flushRemoteTlbs();
    }
    mmuLock.writeUnlock();
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

  boolean latestTlbIsLive(Vcpu vcpu) {
    return pieces.get(VcpuEnterGuest.class).latestTlbIsLive(vcpu);
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
    return pieces.find(type);
  }

  /// Returns whether the VM has been created and not been destroyed.
  public boolean isLive() {
    return state.isLive();
  }

  /// Returns whether the host tells the VM of the invalidations that start now.
  public boolean isNotified() {
    return state.isNotified();
  }

  /// Returns what its creation has done, and its destruction has not undone, in C.
  public List<String> left() {
    return state.left();
  }

  /// Returns what its creation has yet to do, in C.
  public List<String> missing() {
    return state.missing();
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
