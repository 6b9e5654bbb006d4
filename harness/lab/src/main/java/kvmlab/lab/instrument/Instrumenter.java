// SPDX-License-Identifier: MIT
package kvmlab.lab.instrument;

import java.io.ByteArrayInputStream;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassElement;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.constant.ClassDesc;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Inserts calls of [kvmlab.machine.PlainAccess] into the classes of an exercise: before each
/// access to a field that is not final, to an array element, and to a mutable object of the JDK;
/// and wherever a loop starts over.
public final class Instrumenter {

  /* Proof: why this and no refusal. A field that one task alone uses, or that a lock orders, is
   * legitimate Java: helpers, builders, lists filled while a VM is made. Whether a use is
   * legitimate is a question of happens-before, and the engine has the clocks to answer it. So
   * whatever a class file can say to reach memory that tasks may share is told to the engine, and
   * nothing is refused that is right.
   *
   * Memory is reached by getfield, putfield, getstatic, putstatic; by array loads and stores; and
   * by handing a reference to code that is not instrumented: a call, a string concatenation, or a
   * method reference, which becomes a call of a bridge. Fields that are final are left out, as they
   * are written before anybody else can read them.
   *
   * Simplified: an object of the JDK is one piece of memory. What the JDK does with it on behalf of
   * others is seen where it is handed over, as a read. An entry that a map passes to a lambda is not
   * known to be the map's. The first can raise a false alarm, where two tasks use two halves of a
   * list at a time; the others can hide a race. */

  private Instrumenter() {}

  /// Returns `classes`, which are all classes of an exercise by binary name, instrumented.
  ///
  /// @throws IllegalArgumentException if a method is too large for the inserted calls
  public static Map<String, byte[]> instrument(Map<String, byte[]> classes) {
    Map<String, byte[]> instrumented = new TreeMap<>();
    classes.forEach((name, bytes) ->
        instrumented.put(name, instrument(bytes, other -> classes.get(other.replace('/', '.')))));
    return instrumented;
  }

  /// Returns one class file, instrumented; the same bytes if there is nothing to insert.
  ///
  /// @param others the class files of the exercise by internal name; null for any other class
  /// @throws IllegalArgumentException if a method is too large for the inserted calls
  public static byte[] instrument(byte[] bytes, Function<String, byte @Nullable []> others) {
    ClassFile files =
        ClassFile.of(
            ClassFile.ClassHierarchyResolverOption.of(
                ClassHierarchyResolver.ofResourceParsing(
                        type -> {
                          byte[] own = others.apply(internalName(type));
                          return own == null ? null : new ByteArrayInputStream(own);
                        })
                    .orElse(ClassHierarchyResolver.defaultResolver())));
    ClassModel model = files.parse(bytes);
    OwnClasses own = new OwnClasses(model, others);
    Rewriting rewriting = new Rewriting(model, own);
    byte[] result = files.transformClass(model, rewriting);
    return rewriting.changed() ? result : bytes;
  }

  private static String internalName(ClassDesc type) {
    String descriptor = type.descriptorString();
    return descriptor.substring(1, descriptor.length() - 1);
  }

  /// The transformation of one class.
  private static final class Rewriting implements ClassTransform {
    private final String file;
    private final OwnClasses own;
    private final Bridges bridges;
    private boolean changed;

    Rewriting(ClassModel model, OwnClasses own) {
      this.own = own;
      this.bridges = new Bridges(model);
      this.file =
          model
              .findAttribute(Attributes.sourceFile())
              .map(source -> source.sourceFile().stringValue())
              .orElse("?");
    }

    boolean changed() {
      return changed;
    }

    @Override
    public void accept(ClassBuilder builder, ClassElement element) {
      if (element instanceof MethodModel method && method.code().isPresent()) {
        MethodHooks hooks = new MethodHooks(file, method, own, bridges);
        builder.transformMethod(method, MethodTransform.transformingCode(hooks));
        changed |= hooks.inserted();
      } else {
        builder.with(element);
      }
    }

    @Override
    public void atEnd(ClassBuilder builder) {
      bridges.build(builder, own);
    }
  }
}
