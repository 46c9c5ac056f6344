/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.plugin;

import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.definition.ImageSource;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An <code>image</code> below <code>images</code>: its text names an image or an archive; Maven
 * sets the fields.
 */
public final class ImageConfiguration {

  private @Nullable String name;
  private @Nullable String dockerfile;
  private @Nullable String context;
  private @Nullable String target;
  private @Nullable Map<String, String> buildArgs;

  /** Sets the name of an image that is written as text alone. */
  public void set(String text) {
    name = text.strip();
  }

  static List<ImageSource> all(@Nullable List<ImageConfiguration> images, Path directory) {
    return images == null
        ? List.of()
        : images.stream().map(image -> image.toSource(directory)).toList();
  }

  private ImageSource toSource(Path directory) {
    if (name == null) {
      throw new InvalidParameterException(
          "images", Objects.requireNonNullElse(dockerfile, ""), "has no name: add <name>");
    }
    if (dockerfile == null) {
      return ImageSource.parse("images", name, directory);
    }
    return ImageSource.built(
        "images",
        name,
        dockerfile,
        Optional.ofNullable(context),
        Optional.ofNullable(target),
        buildArgs == null ? Map.of() : buildArgs,
        directory);
  }
}
