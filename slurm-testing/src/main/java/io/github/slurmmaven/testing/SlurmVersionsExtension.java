/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testing;

import io.github.slurmmaven.definition.SlurmVersion;
import java.lang.reflect.AnnotatedElement;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ClassTemplateInvocationContext;
import org.junit.jupiter.api.extension.ClassTemplateInvocationContextProvider;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;
import org.junit.jupiter.api.extension.TestWatcher;
import org.junit.platform.commons.support.AnnotationSupport;

/** Implements {@link SlurmVersions}. */
final class SlurmVersionsExtension
    implements ClassTemplateInvocationContextProvider,
        TestTemplateInvocationContextProvider,
        TestExecutionExceptionHandler,
        TestWatcher {

  private static final Namespace RELEASE =
      Namespace.create(SlurmVersionsExtension.class, "release");

  /** Returns the release of a test or a class that runs on several. */
  static Optional<String> release(ExtensionContext context) {
    return Optional.ofNullable(context.getStore(RELEASE).get(RELEASE, String.class));
  }

  @Override
  public boolean supportsClassTemplate(ExtensionContext context) {
    return releases(context.getTestClass()).isPresent();
  }

  @Override
  public Stream<Invocation> provideClassTemplateInvocationContexts(ExtensionContext context) {
    return releases(context.getTestClass()).orElseThrow().stream().map(Invocation::new);
  }

  @Override
  public boolean supportsTestTemplate(ExtensionContext context) {
    return releases(context.getTestMethod()).isPresent();
  }

  @Override
  public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(
      ExtensionContext context) {
    return releases(context.getTestMethod()).orElseThrow().stream().map(Invocation::new);
  }

  private static Optional<List<String>> releases(Optional<? extends AnnotatedElement> element) {
    return element
        .flatMap(it -> AnnotationSupport.findAnnotation(it, SlurmVersions.class))
        .map(annotation -> checked(annotation.value()));
  }

  private static List<String> checked(String[] releases) {
    if (releases.length == 0) {
      throw new ExtensionConfigurationException(
          "@SlurmVersions has no release: name one at least, for example @SlurmVersions({\"22.05\", \"24.11\"})");
    }
    return Arrays.stream(releases)
        .peek(release -> SlurmVersion.of("@SlurmVersions", release))
        .distinct()
        .toList();
  }

  /**
   * Adds the release to the stack trace, because build tools only number the runs of a class in
   * their reports.
   */
  @Override
  public void handleTestExecutionException(ExtensionContext context, Throwable failure)
      throws Throwable {
    release(context).ifPresent(release -> failure.addSuppressed(new OnRelease(release)));
    throw failure;
  }

  @Override
  public void testSuccessful(ExtensionContext context) {
    note(context, "passed");
  }

  @Override
  public void testFailed(ExtensionContext context, Throwable cause) {
    note(context, "FAILED");
  }

  @Override
  public void testAborted(ExtensionContext context, Throwable cause) {
    note(context, "skipped");
  }

  @Override
  public void testDisabled(ExtensionContext context, Optional<String> reason) {
    note(context, "skipped");
  }

  private static void note(ExtensionContext context, String result) {
    release(context)
        .ifPresent(
            release ->
                context
                    .getRoot()
                    .getStore(RELEASE)
                    .getOrComputeIfAbsent(
                        ReleaseTable.class,
                        key -> new ReleaseTable(System.err::println),
                        ReleaseTable.class)
                    .add(TestNames.of(context), release, result));
  }

  /** A line in the stack trace of a failure. */
  private static final class OnRelease extends Throwable {

    private static final long serialVersionUID = 1L;

    OnRelease(String release) {
      super("The test ran on Slurm " + release, null, false, false);
    }
  }

  /** One run of a class or method. */
  private record Invocation(String release)
      implements ClassTemplateInvocationContext, TestTemplateInvocationContext {

    @Override
    public String getDisplayName(int index) {
      return "Slurm " + release;
    }

    @Override
    public List<Extension> getAdditionalExtensions() {
      return List.of();
    }

    @Override
    public void prepareInvocation(ExtensionContext context) {
      context.getStore(RELEASE).put(RELEASE, release);
    }
  }
}
