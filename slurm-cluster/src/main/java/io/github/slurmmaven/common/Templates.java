/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.common;

import java.io.StringWriter;
import java.util.Properties;
import org.apache.velocity.Template;
import org.apache.velocity.VelocityContext;
import org.apache.velocity.app.VelocityEngine;
import org.apache.velocity.runtime.RuntimeConstants;
import org.apache.velocity.runtime.resource.loader.ClasspathResourceLoader;

/** The Velocity templates beside a class in its jar. */
public final class Templates {

  /** Initialized on first use, once in a JVM. It caches parsed templates. */
  private static final class Velocity {

    private static final VelocityEngine ENGINE = engine();

    private static VelocityEngine engine() {
      Properties properties = new Properties();
      properties.setProperty(RuntimeConstants.RESOURCE_LOADERS, "class");
      properties.setProperty(
          "resource.loader.class.class", ClasspathResourceLoader.class.getName());
      properties.setProperty("resource.loader.class.cache", "true");
      // An unknown name in a template is an error, not text.
      properties.setProperty(RuntimeConstants.RUNTIME_REFERENCES_STRICT, "true");
      properties.setProperty(RuntimeConstants.VM_LIBRARY, "");
      VelocityEngine engine = new VelocityEngine(properties);
      ClassLoader caller = Thread.currentThread().getContextClassLoader();
      try {
        // Velocity finds its own classes and our templates through the context class loader.
        Thread.currentThread().setContextClassLoader(Templates.class.getClassLoader());
        engine.init();
      } finally {
        Thread.currentThread().setContextClassLoader(caller);
      }
      return engine;
    }
  }

  private final String directory;

  /** Finds the templates beside a class. */
  public Templates(Class<?> beside) {
    directory = beside.getPackageName().replace('.', '/') + "/";
  }

  /** Loads Velocity and parses a template in advance. */
  public void parse(String name) {
    template(name);
  }

  private Template template(String name) {
    return Velocity.ENGINE.getTemplate(directory + name, "UTF-8");
  }

  /**
   * Renders a template. The same model gives the same text.
   *
   * @param name file name of the template
   * @param model values by the names that the template uses
   */
  public String merge(String name, VelocityContext model) {
    StringWriter out = new StringWriter();
    template(name).merge(model, out);
    return out.toString();
  }
}
