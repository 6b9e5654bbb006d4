// SPDX-License-Identifier: MIT
package kvmlab.press;

import com.google.auto.service.AutoService;
import org.asciidoctor.Asciidoctor;
import org.asciidoctor.jruby.extension.spi.ExtensionRegistry;

/// Registers the press wherever it lies on Asciidoctor's class path.
@AutoService(ExtensionRegistry.class)
public final class Extensions implements ExtensionRegistry {

  @Override
  public void register(Asciidoctor asciidoctor) {
    asciidoctor.requireLibrary("kvmlab/press/modern_java");
    asciidoctor
        .javaExtensionRegistry()
        .blockMacro(TraceMacro.class)
        .blockMacro(BenchMacro.class)
        .blockMacro(DesignsMacro.class)
        .inlineMacro(CountMacro.class)
        .blockMacro(ExerciseMacro.class)
        .treeprocessor(StubMarkers.class)
        .postprocessor(Bindery.class);
  }
}
