/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.testing;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Names of tests in directories and tables. */
final class TestNames {

  /** The end of the unique id of one invocation of a repeated or parameterized test. */
  private static final Pattern INVOCATION =
      Pattern.compile("\\[test-template-invocation:#(\\d+)\\]$");

  private TestNames() {}

  /** Returns the class without its package, and the method. */
  static String of(ExtensionContext context) {
    Class<?> type = context.getRequiredTestClass();
    String prefix = type.getPackageName();
    return type.getName().substring(prefix.isEmpty() ? 0 : prefix.length() + 1).replace('$', '.')
        + "."
        + method(context);
  }

  /**
   * Returns the method's name. An overloaded method has its parameters' types, and a test with
   * several invocations the release or the number.
   */
  static String directory(ExtensionContext context) {
    String release = SlurmVersionsExtension.release(context).map(name -> "-" + name).orElse("");
    Matcher invocation = INVOCATION.matcher(context.getUniqueId());
    boolean isNumbered = invocation.find() && !isRunOnReleases(context);
    return method(context) + release + (isNumbered ? "-" + invocation.group(1) : "");
  }

  private static boolean isRunOnReleases(ExtensionContext context) {
    return context.getRequiredTestMethod().isAnnotationPresent(SlurmVersions.class);
  }

  private static String method(ExtensionContext context) {
    Method method = context.getRequiredTestMethod();
    boolean overloaded =
        Arrays.stream(context.getRequiredTestClass().getDeclaredMethods())
            .anyMatch(other -> other.getName().equals(method.getName()) && !other.equals(method));
    String types =
        Arrays.stream(method.getParameterTypes())
            .map(Class::getSimpleName)
            .collect(Collectors.joining(",", "(", ")"));
    return method.getName() + (overloaded ? types : "");
  }
}
