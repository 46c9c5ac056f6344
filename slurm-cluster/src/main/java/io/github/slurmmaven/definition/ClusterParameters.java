/* SPDX-License-Identifier: Apache-2.0 */
package io.github.slurmmaven.definition;

import io.github.slurmmaven.client.InvalidParameterException;
import io.github.slurmmaven.client.Quoted;
import io.github.slurmmaven.client.UserMistakeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of a cluster as given by the user. Values that were not given come from the preset
 * or definition, or are defaults.
 */
public final class ClusterParameters {

  public static final String DEFAULT_NAME = "slurm-test";

  /** Default directory of the site's own Slurm files in a project. */
  public static final String SLURM_FILES = "src/slurm";

  /** Name of a definition that is not a file. */
  private static final String CONFIGURATION = "configuration";

  private final Path directory;
  private final @Nullable String name;
  private final @Nullable String preset;
  private final @Nullable Path definition;
  private final @Nullable ClusterDocument document;
  private final @Nullable String unguardedAddress;
  private final List<ParameterChange> changes;
  private @Nullable ClusterDefinition cluster;

  private ClusterParameters(Builder builder) {
    directory = builder.directory;
    name = builder.name;
    preset = builder.preset;
    definition = builder.definition;
    document = builder.document();
    unguardedAddress = builder.ssh.unguardedAddress();
    changes = builder.changes();
  }

  /** Returns a builder without parameters. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns the valid name: the given one, otherwise the definition's, otherwise the default. */
  public String validName() {
    if (name != null) {
      return Checks.name("name", name);
    }
    return definition == null ? DEFAULT_NAME : base().name();
  }

  /**
   * Returns the cluster that these parameters define.
   *
   * @throws InvalidParameterException naming parameter, value and what is allowed
   * @throws UserMistakeException naming file and path of a mistake in the definition
   */
  public ClusterDefinition toDefinition() {
    ClusterDefinition known = cluster;
    if (known == null) {
      known = resolve();
      cluster = known;
    }
    return known;
  }

  private ClusterDefinition resolve() {
    ClusterDefinition resolved = base();
    for (ParameterChange change : changes) {
      resolved = change.change().apply(resolved);
    }
    if (unguardedAddress != null && resolved.ssh().passwordLogin()) {
      throw new InvalidParameterException(
          "bindAddress",
          unguardedAddress,
          "lets other machines log in with the documented password: set passwordLogin to false (or"
              + " to true, if that is what you want)");
    }
    return resolved.withIdentity(validName(), resolved.preset());
  }

  /**
   * Refuses a given parameter that differs from an existing cluster, so that a user does not get
   * another cluster than requested.
   *
   * @throws InvalidParameterException naming the parameter
   */
  public void requireMatch(ClusterDefinition existing) {
    for (ParameterChange change : changes) {
      if (!change.change().apply(existing).equals(existing)) {
        throw different(change.parameter(), change.value(), change.existing().apply(existing));
      }
    }
    if (preset != null && !existing.preset().equals(Optional.of(preset))) {
      throw different("preset", preset, existing.preset().orElse("none"));
    }
    if (document != null) {
      requireValues(document, existing);
    }
    if (definition != null || document != null) {
      if (!describe(existing)) {
        throw definition != null
            ? different("definition", definition, "another definition")
            : different(
                "configuration", "nodes, partitions, users, mounts, files or setup", "another");
      }
    }
  }

  /** Refuses a switch or a number of a document that differs from an existing cluster's. */
  private static void requireValues(ClusterDocument document, ClusterDefinition existing) {
    Map<String, Object> there = Documents.values(DocumentWriter.write(existing));
    Documents.values(document)
        .forEach(
            (parameter, value) -> {
              Object other = there.get(parameter);
              if (value instanceof Boolean && !value.equals(other == null ? false : other)) {
                throw different(parameter, value, other == null ? false : other);
              }
              if (value instanceof Integer && !value.equals(other)) {
                throw different(parameter, value, other == null ? "the default" : other);
              }
            });
  }

  /**
   * Whether a preset, a definition or parts of one were given, and differ from an existing cluster.
   */
  public boolean isOtherTopology(ClusterDefinition existing) {
    if (preset == null && definition == null && document == null) {
      return false;
    }
    try {
      requireMatch(existing);
      return false;
    } catch (InvalidParameterException e) {
      return true;
    }
  }

  /**
   * Whether these parameters define the same cluster as an existing one, apart from image, ports,
   * login and registry.
   */
  public boolean describe(ClusterDefinition existing) {
    return toDefinition().withAccessOf(existing).equals(existing);
  }

  private static InvalidParameterException different(
      String parameter, Object value, Object existing) {
    return new InvalidParameterException(
        parameter,
        value,
        "is not what the existing cluster has ("
            + existing
            + "): run slurm:create to render it anew, or slurm:destroy"
            + " first");
  }

  /**
   * Returns what the other parameters change: a preset, a definition, or a preset with parts
   * replaced.
   */
  private ClusterDefinition base() {
    if (definition != null) {
      if (preset != null) {
        throw new InvalidParameterException(
            "definition", definition, "cannot go with a preset: leave one of them out");
      }
      Path file = directory.resolve(definition).toAbsolutePath().normalize();
      if (!Files.isRegularFile(file)) {
        throw new InvalidParameterException(
            "definition",
            definition,
            "does not exist: name a YAML file, relative to " + directory.toAbsolutePath());
      }
      String text = ClusterYaml.text(file);
      ClusterDocument read = ClusterDocument.parse(file.toString(), text);
      Origin origin = Origin.yaml(file.toString(), text);
      ClusterDocument whole =
          Documents.merge(
              read.nodes() == null && read.preset() != null
                  ? preset(read.preset(), origin)
                  : ClusterDocument.named(DEFAULT_NAME),
              read);
      return Documents.merge(whole, document)
          .toDefinition(
              Documents.merge(origin, document, Origin.elements(CONFIGURATION)),
              Objects.requireNonNull(file.getParent()));
    }
    String presetName = preset == null ? Presets.DEFAULT : preset;
    ClusterDocument merged = Documents.merge(Presets.document(presetName), document);
    boolean ownTopology = document != null && document.nodes() != null;
    ClusterDefinition resolved = merged.toDefinition(Origin.elements(CONFIGURATION), directory);
    return resolved.withIdentity(
        resolved.name(),
        ownTopology && preset == null ? Optional.empty() : Optional.of(presetName));
  }

  /** Returns the preset that a definition names. */
  private static ClusterDocument preset(String name, Origin origin) {
    try {
      return Presets.document(name);
    } catch (InvalidParameterException e) {
      throw new UserMistakeException(
          origin.of(e.parameter()) + ": " + Quoted.of(e.value()) + " " + e.problem(), e);
    }
  }

  /** Collects the parameters; null means that a parameter was not given. */
  public static final class Builder {

    private Path directory = Path.of("");
    private @Nullable String name;
    private @Nullable String preset;
    private @Nullable Path definition;
    private @Nullable ClusterDocument document;
    private final Map<String, Object> values = new TreeMap<>();
    private @Nullable String image;
    private @Nullable String imageRepository;
    private @Nullable Path slurmFiles;
    private final SlurmParameters slurm = new SlurmParameters();
    private final NodeParameters nodes = new NodeParameters();
    private final SshParameters ssh = new SshParameters();
    private final RegistryParameters registry = new RegistryParameters();
    private final PyxisParameters pyxis = new PyxisParameters();

    private Builder() {}

    /** Start of relative paths; default the current directory. */
    public Builder directory(Path path) {
      directory = path;
      return this;
    }

    /** Name; default the definition's, or {@value #DEFAULT_NAME}. */
    public Builder name(@Nullable String text) {
      name = text;
      return this;
    }

    /** Preset; default {@value Presets#DEFAULT}. */
    public Builder preset(@Nullable String text) {
      preset = text;
      return this;
    }

    /** YAML file that defines the cluster instead of a preset. */
    public Builder definition(@Nullable Path file) {
      definition = file;
      return this;
    }

    /** Parts of a definition: they replace the preset's or the definition file's. */
    public Builder document(@Nullable ClusterDocument parts) {
      document = parts;
      return this;
    }

    /**
     * One value of a definition, which replaces the preset's or the definition file's.
     *
     * @param parameter name of a component of {@link ClusterDocument}
     */
    public Builder value(String parameter, @Nullable Object value) {
      if (value != null) {
        values.put(parameter, value);
      }
      return this;
    }

    /** The Slurm of the cluster. */
    public Builder slurm(Consumer<SlurmParameters> parameters) {
      parameters.accept(slurm);
      return this;
    }

    /** Prebuilt image of all nodes; by default the image is pulled or built. */
    public Builder image(@Nullable String reference) {
      image = reference;
      return this;
    }

    /**
     * Repository that the image is pulled from before it is built, or {@value
     * ClusterDefinition#NO_REPOSITORY}; default the one of the plugin's release.
     */
    public Builder imageRepository(@Nullable String name) {
      imageRepository = name;
      return this;
    }

    /**
     * Directory whose files are copied beside slurm.conf; default {@value #SLURM_FILES}, if it
     * exists.
     */
    public Builder slurmFiles(@Nullable Path path) {
      slurmFiles = path;
      return this;
    }

    /** The compute nodes. */
    public Builder nodes(Consumer<NodeParameters> parameters) {
      parameters.accept(nodes);
      return this;
    }

    /** The login over SSH. */
    public Builder ssh(Consumer<SshParameters> parameters) {
      parameters.accept(ssh);
      return this;
    }

    /** The container registry. */
    public Builder registry(Consumer<RegistryParameters> parameters) {
      parameters.accept(registry);
      return this;
    }

    /** Jobs in containers. */
    public Builder pyxis(Consumer<PyxisParameters> parameters) {
      parameters.accept(pyxis);
      return this;
    }

    /**
     * The parameters.
     *
     * @throws InvalidParameterException naming parameter, value and what is allowed
     */
    public ClusterParameters build() {
      return new ClusterParameters(this);
    }

    /** Returns the given parts of a definition, including single values. */
    private @Nullable ClusterDocument document() {
      if (values.isEmpty()) {
        return document;
      }
      ClusterDocument said = Documents.of(values);
      return document == null ? said : Documents.merge(document, said);
    }

    private List<ParameterChange> changes() {
      List<ParameterChange> changes = new ArrayList<>(slurm.changes(directory));
      changes.addAll(nodes.changes());
      String reference = image;
      if (reference != null) {
        Checks.image("image", reference);
        changes.add(
            new ParameterChange(
                "image",
                reference,
                cluster ->
                    cluster.withAccess(Optional.of(reference), cluster.ssh(), cluster.registry()),
                cluster -> cluster.image().orElse("none")));
      }
      String repository = imageRepository;
      if (repository != null) {
        Checks.imageRepository("imageRepository", repository);
        changes.add(
            new ParameterChange(
                "imageRepository",
                repository,
                cluster -> cluster.withImageRepository(Optional.of(repository)),
                cluster -> cluster.imageRepository().orElse("the default")));
      }
      changes.addAll(siteFiles());
      changes.addAll(ssh.changes());
      changes.addAll(registry.changes());
      changes.addAll(pyxis.changes(directory));
      return List.copyOf(changes);
    }

    /**
     * Returns the files beside slurm.conf. Files that a definition names replace the default
     * directory's.
     */
    private List<ParameterChange> siteFiles() {
      Path asked = slurmFiles;
      Path site =
          directory
              .resolve(asked == null ? Path.of(SLURM_FILES) : asked)
              .toAbsolutePath()
              .normalize();
      if (!Files.isDirectory(site)) {
        if (asked == null) {
          return List.of();
        }
        throw new InvalidParameterException(
            "slurmFiles",
            asked,
            "is not a directory (%s): name one whose files are to be beside slurm.conf"
                .formatted(Quoted.plain(site)));
      }
      FileCopy copy = FileCopy.ofSite(site.toString());
      copy.conflict()
          .ifPresent(
              problem -> {
                throw new InvalidParameterException("slurmFiles", site, problem);
              });
      return List.of(
          new ParameterChange(
              "slurmFiles",
              site,
              cluster ->
                  asked == null && cluster.files().stream().anyMatch(FileCopy::isOfSite)
                      ? cluster
                      : cluster.withFiles(
                          Stream.concat(
                                  cluster.files().stream().filter(file -> !file.isOfSite()),
                                  Stream.of(copy))
                              .toList()),
              cluster ->
                  cluster.files().stream()
                      .filter(FileCopy::isOfSite)
                      .map(FileCopy::source)
                      .findFirst()
                      .orElse("none")));
    }
  }
}
