// SPDX-License-Identifier: MIT
package kvmlab.lab.instrument;

import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.FieldModel;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.reflect.AccessFlag;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The classes of the exercise, as class files: what a name in one of them stands for.
final class OwnClasses {
  private final Function<String, byte @Nullable []> files;
  private final Map<String, Optional<ClassModel>> models = new HashMap<>();

  OwnClasses(ClassModel first, Function<String, byte @Nullable []> files) {
    this.files = files;
    models.put(first.thisClass().asInternalName(), Optional.of(first));
  }

  private @Nullable ClassModel model(String type) {
    Optional<ClassModel> known = models.get(type);
    if (known == null) {
      known = Optional.ofNullable(files.apply(type)).map(bytes -> ClassFile.of().parse(bytes));
      models.put(type, known);
    }
    return known.orElse(null);
  }

  /// A field of the exercise.
  ///
  /// @param name as a reader writes it, `Class.field`
  record Field(String name, boolean isFinal) {}

  /// Returns the field named through `type`; null if it is none of the exercise's.
  @Nullable Field field(String type, String name) {
    for (ClassModel model = model(type); model != null; model = parent(model)) {
      for (FieldModel field : model.fields()) {
        if (field.fieldName().equalsString(name)) {
          String declaring = model.thisClass().asInternalName();
          String simple = declaring.substring(declaring.lastIndexOf('/') + 1).replace('$', '.');
          return new Field(simple + "." + name, field.flags().has(AccessFlag.FINAL));
        }
      }
    }
    return null;
  }

  /// Returns the class in which the search for a method named through `type` leaves the exercise;
  /// null if the exercise declares it.
  @Nullable String foreignOwner(String type, String name, String descriptor) {
    ClassModel model = model(type);
    if (model == null) {
      return type;
    }
    boolean declared =
        model.methods().stream()
            .anyMatch(method ->
                method.methodName().equalsString(name)
                    && method.methodType().equalsString(descriptor));
    if (declared) {
      return null;
    }
    String parent = model.superclass().map(ClassEntry::asInternalName).orElse("java/lang/Object");
    String found = foreignOwner(parent, name, descriptor);
    if (found == null || !found.equals("java/lang/Object")) {
      return found;
    }
    for (ClassEntry extended : model.interfaces()) {
      String inherited = foreignOwner(extended.asInternalName(), name, descriptor);
      if (inherited == null || !inherited.equals("java/lang/Object")) {
        return inherited;
      }
    }
    return found;
  }

  private @Nullable ClassModel parent(ClassModel model) {
    return model.superclass().map(ClassEntry::asInternalName).map(this::model).orElse(null);
  }
}
