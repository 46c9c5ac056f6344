/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.image;

import io.github.slurmmaven.definition.ClusterDefinition;
import io.github.slurmmaven.resource.Resources;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;

/**
 * The published images, as {@code scripts/publish-images.sh} records them.
 *
 * @param repository their repository; empty if none is published
 * @param digests digest of each by its tag, which identifies its content
 */
record PublishedImages(Optional<String> repository, Map<String, String> digests) {

  private static final String RESOURCE = "/io/github/slurmmaven/images/published.properties";
  private static final String REPOSITORY = "repository";

  PublishedImages {
    digests = Map.copyOf(digests);
  }

  /** Returns the images of this release of the plugin. */
  static PublishedImages ofThisVersion() {
    return parse(Resources.text(PublishedImages.class, RESOURCE));
  }

  /**
   * Reads the text of a properties file: a tag and its digest on each line, and the repository as
   * the value of {@code repository}.
   */
  static PublishedImages parse(String text) {
    Properties properties = new Properties();
    try {
      properties.load(new StringReader(text));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Map<String, String> digests = new TreeMap<>();
    properties
        .stringPropertyNames()
        .forEach(tag -> digests.put(tag, properties.getProperty(tag).strip()));
    Optional<String> repository =
        Optional.ofNullable(digests.remove(REPOSITORY)).filter(name -> !name.isEmpty());
    return new PublishedImages(repository, digests);
  }

  /**
   * Returns the repository from which images are pulled.
   *
   * @param asked the user's repository, or {@value ClusterDefinition#NO_REPOSITORY}; empty for the
   *     repository of this release
   * @return empty if images are not pulled
   */
  Optional<String> repository(Optional<String> asked) {
    return asked.or(this::repository).filter(name -> !name.equals(ClusterDefinition.NO_REPOSITORY));
  }

  /**
   * Returns the digest of an image of this project.
   *
   * @param reference its local name
   * @return empty when no image of that content is published
   */
  Optional<String> digest(String reference) {
    String local = ClusterImages.REPOSITORY + ":";
    return reference.startsWith(local)
        ? Optional.ofNullable(digests.get(reference.substring(local.length())))
        : Optional.empty();
  }
}
