// SPDX-License-Identifier: MIT
package kvmlab.mm;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import kvmlab.kernel.RefCell;
import org.jspecify.annotations.Nullable;

/// The areas of an address space. Read under `mmap_lock`, changed under `mmap_lock` for writing.
///
/// @kernel include/linux/mm_types.h struct mm_struct, mmap
final class VmAreas {
  private final MmStruct mm;
  private final RefCell<List<VmAreaStruct>> mmap;

  VmAreas(MmStruct mm) {
    this.mm = mm;
    mmap = new RefCell<List<VmAreaStruct>>("mmap", List.of()).guardedBy(mm.mmapLock()).hidden();
  }

  List<VmAreaStruct> all() {
    return Objects.requireNonNull(mmap.get());
  }

  /// Returns the areas of an address space that nobody runs in any more.
  List<VmAreaStruct> allUnlocked() {
    return Objects.requireNonNull(mmap.readOnce());
  }

  /// Returns the area of `hva`, or null.
  @Nullable VmAreaStruct find(Hva hva) {
    for (VmAreaStruct area : all()) {
      if (area.contains(hva)) {
        return area;
      }
    }
    return null;
  }

  void add(VmAreaStruct vma) {
    List<VmAreaStruct> extended = new ArrayList<>(all());
    if (extended.stream().anyMatch(area -> area.overlaps(vma.start(), vma.end()))) {
      throw new IllegalArgumentException(
          "something is mapped in " + vma.start() + ".." + vma.end());
    }
    extended.add(vma);
    mmap.set(List.copyOf(extended));
    if (vma.file() != null) {
      vma.file().link(mm, vma);
    }
  }

  /// Changes the areas from `start` to `end`, splitting those that lie across.
  void change(Hva start, Hva end, UnaryOperator<VmAreaStruct> change) {
    List<VmAreaStruct> changed = new ArrayList<>();
    for (VmAreaStruct area : all()) {
      List<VmAreaStruct> parts = new ArrayList<>(area.without(start, end));
      if (area.overlaps(start, end)) {
        parts.add(change.apply(area.within(start, end)));
        if (area.file() != null) {
          area.file().unlink(mm, area, parts);
        }
      }
      changed.addAll(parts);
    }
    mmap.set(List.copyOf(changed));
  }

  /// Takes the pages from `start` to `end` out of the areas. Files keep what they know of them
  /// until [#unlinkFiles].
  ///
  /// @return the areas before
  List<VmAreaStruct> cut(Hva start, Hva end) {
    List<VmAreaStruct> before = all();
    mmap.set(before.stream().flatMap(area -> area.without(start, end).stream()).toList());
    return before;
  }

  /// Takes every area away, at the end.
  void removeAll(List<VmAreaStruct> before) {
    mm.mmapLock().downWrite();
    mmap.set(List.of());
    mm.mmapLock().upWrite();
    unlinkFiles(before, new Hva(0), Hva.ULONG_MAX);
  }

  /// Lets the files of `before` forget what was mapped from `start` to `end`.
  void unlinkFiles(List<VmAreaStruct> before, Hva start, Hva end) {
    for (VmAreaStruct area : before) {
      if (area.file() != null && area.overlaps(start, end)) {
        area.file().unlink(mm, area, area.without(start, end));
      }
    }
  }
}
