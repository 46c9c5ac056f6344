/* SPDX-License-Identifier: Apache-2.0 */

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

/**
 * Checks a directory with the layout of a Maven repository against the rules of Maven Central:
 * https://central.sonatype.org/publish/requirements/. Prints each rule that is broken, and ends
 * with 1 if there is one.
 *
 * <p>{@code java CheckCentral.java DIRECTORY KEY COMPONENT...}: KEY is the fingerprint of the key
 * that signs, which gpg knows. Each COMPONENT is ARTIFACT:VERSION, with further classifiers of its
 * jars after more colons. The directory must have these components and no others.
 */
final class CheckCentral {

  private static final List<String> COORDINATES = List.of("groupId", "artifactId", "version");
  private static final List<String> FIELDS =
      List.of(
          "name",
          "description",
          "url",
          "licenses/license/name",
          "licenses/license/url",
          "developers/developer/name",
          "scm/connection",
          "scm/developerConnection",
          "scm/url");
  private static final Map<String, String> DIGESTS = Map.of("md5", "MD5", "sha1", "SHA-1");
  private static final Pattern PROPERTY = Pattern.compile("\\$\\{([^}]+)}");

  private final Path directory;
  private final String key;
  private final List<String> broken = new ArrayList<>();

  private CheckCentral(Path directory, String key) {
    this.directory = directory;
    this.key = key;
  }

  public static void main(String[] args) throws Exception {
    if (args.length < 3) {
      System.err.println(
          "usage: java CheckCentral.java DIRECTORY KEY ARTIFACT:VERSION[:CLASSIFIER]...");
      System.exit(2);
    }
    CheckCentral check = new CheckCentral(Path.of(args[0]), args[1]);
    List<Path> files = check.files();
    check.components(files, List.of(args).subList(2, args.length));
    for (Path file : files) {
      check.file(file);
    }
    check.broken.forEach(rule -> System.out.println("CheckCentral: " + rule));
    if (!check.broken.isEmpty()) {
      System.exit(1);
    }
    System.out.printf(
        "CheckCentral: %d components, %d signed files: all of Maven Central's rules are kept%n",
        args.length - 2, files.size());
  }

  /**
   * All that is published, without signatures, digests and what only a repository manager needs.
   */
  private List<Path> files() throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      return all.filter(Files::isRegularFile)
          .filter(file -> !name(file).startsWith("maven-metadata"))
          .filter(file -> !name(file).matches(".*\\.(asc|md5|sha1|sha256|sha512)"))
          .sorted()
          .toList();
    }
  }

  private void components(List<Path> files, List<String> expected) throws Exception {
    Map<String, Path> poms = new LinkedHashMap<>();
    for (Path pom : files.stream().filter(file -> name(file).endsWith(".pom")).toList()) {
      Path version = pom.getParent();
      poms.put(name(version.getParent()) + ":" + name(version), pom);
    }
    TreeSet<String> unexpected = new TreeSet<>(poms.keySet());
    for (String component : expected) {
      List<String> parts = List.of(component.split(":"));
      String id = parts.get(0) + ":" + parts.get(1);
      unexpected.remove(id);
      Path pom = poms.get(id);
      if (pom == null) {
        broken.add(id + ": the component is missing");
      } else {
        component(pom, parts.subList(2, parts.size()));
      }
    }
    unexpected.forEach(id -> broken.add(id + ": the component is not one to publish"));
  }

  private void component(Path pom, List<String> classifiers) throws Exception {
    Model model = new Model(pom);
    for (String field : COORDINATES) {
      if (model.value(field).filter(value -> !value.contains("${")).isEmpty()) {
        breaks(pom, "the POM has no constant " + field);
      }
    }
    Path version = pom.getParent();
    Path group = version.getParent().getParent();
    String expected =
        "%s:%s:%s"
            .formatted(
                directory.relativize(group).toString().replace('/', '.'),
                name(version.getParent()),
                name(version));
    String found =
        String.join(":", COORDINATES.stream().map(f -> model.value(f).orElse("")).toList());
    if (!found.equals(expected)) {
      breaks(pom, "the POM is that of %s, not of %s".formatted(found, expected));
    }
    for (String field : FIELDS) {
      if (model.value(field).filter(value -> !value.contains("${")).isEmpty()) {
        breaks(pom, "the POM has no " + field);
      }
    }
    for (String element : List.of("repositories", "pluginRepositories")) {
      if (model.own(element).isPresent()) {
        breaks(pom, "the POM has %s, which users would ask for artifacts".formatted(element));
      }
    }
    String base = name(version.getParent()) + "-" + name(version);
    exists(version.resolve(base + "-cyclonedx.json"), "the SBOM");
    if (!model.own("packaging").orElse("jar").equals("pom")) {
      jar(version.resolve(base + ".jar"), "the jar");
      jar(version.resolve(base + "-sources.jar"), "the jar of the sources");
      jar(version.resolve(base + "-javadoc.jar"), "the jar of the Javadoc");
    }
    for (String classifier : classifiers) {
      jar(version.resolve("%s-%s.jar".formatted(base, classifier)), "the jar " + classifier);
    }
  }

  private boolean exists(Path file, String what) {
    if (!Files.isRegularFile(file)) {
      breaks(file, what + " is missing");
      return false;
    }
    return true;
  }

  private void jar(Path jar, String what) {
    if (!exists(jar, what)) {
      return;
    }
    try (ZipFile zip = new ZipFile(jar.toFile())) {
      if (zip.stream()
          .allMatch(e -> e.isDirectory() || e.getName().equals("META-INF/MANIFEST.MF"))) {
        breaks(jar, what + " is empty");
      }
    } catch (IOException e) {
      breaks(jar, "%s cannot be read: %s".formatted(what, e.getMessage()));
    }
  }

  private void file(Path file) throws Exception {
    if (file.toString().contains("SNAPSHOT")) {
      breaks(file, "the name contains SNAPSHOT");
    }
    snapshots(file);
    for (Map.Entry<String, String> digest : DIGESTS.entrySet()) {
      digest(file, digest.getKey(), digest.getValue());
    }
    signature(file);
  }

  /** What Maven reads of a file: of a jar its POM, descriptor and manifest. */
  private void snapshots(Path file) throws IOException {
    if (name(file).endsWith(".jar")) {
      try (ZipFile zip = new ZipFile(file.toFile())) {
        for (ZipEntry entry : Collections.list(zip.entries())) {
          if (entry.getName().matches("META-INF/.*\\.(xml|properties|MF|json)")) {
            try (InputStream in = zip.getInputStream(entry)) {
              snapshots(file, "its " + entry.getName(), in.readAllBytes());
            }
          }
        }
      } catch (IOException e) {
        breaks(file, "the jar cannot be read: " + e.getMessage());
      }
    } else {
      snapshots(file, "it", Files.readAllBytes(file));
    }
  }

  private void snapshots(Path file, String what, byte[] bytes) {
    Matcher snapshot =
        Pattern.compile("[\\w.]*-SNAPSHOT").matcher(new String(bytes, StandardCharsets.UTF_8));
    if (snapshot.find()) {
      breaks(file, "%s contains %s".formatted(what, snapshot.group()));
    }
  }

  private void digest(Path file, String extension, String algorithm)
      throws IOException, GeneralSecurityException {
    Path digest = Path.of(file + "." + extension);
    if (!exists(digest, "the digest")) {
      return;
    }
    String made =
        HexFormat.of()
            .formatHex(MessageDigest.getInstance(algorithm).digest(Files.readAllBytes(file)));
    String found = Files.readString(digest).strip();
    if (!found.equals(made)) {
      breaks(digest, "the digest is %s, but that of the file is %s".formatted(found, made));
    }
  }

  private void signature(Path file) throws IOException, InterruptedException {
    Path signature = Path.of(file + ".asc");
    if (!exists(signature, "the signature")) {
      return;
    }
    Process gpg =
        new ProcessBuilder(
                "gpg",
                "--batch",
                "--status-fd",
                "1",
                "--verify",
                signature.toString(),
                file.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String status = new String(gpg.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    boolean valid =
        status.lines().anyMatch(line -> line.matches("\\[GNUPG:] VALIDSIG .*\\b" + key + "\\b.*"));
    if (gpg.waitFor() != 0 || !valid) {
      breaks(signature, "the signature is not one of the key %s for this file".formatted(key));
    }
  }

  private void breaks(Path file, String rule) {
    broken.add(directory.relativize(file) + ": " + rule);
  }

  private static String name(Path path) {
    return path.getFileName().toString();
  }

  /** A POM together with its parents, which are in the directory, too. */
  private final class Model {

    private final Element project;
    private final Optional<Model> parent;

    Model(Path pom) throws Exception {
      DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
      factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
      project = factory.newDocumentBuilder().parse(pom.toFile()).getDocumentElement();
      if (own("parent").isEmpty()) {
        parent = Optional.empty();
        return;
      }
      String group = own("parent/groupId").orElse("");
      String artifact = own("parent/artifactId").orElse("");
      String version = own("parent/version").orElse("");
      Path file =
          directory
              .resolve(group.replace('.', '/'))
              .resolve(artifact)
              .resolve(version)
              .resolve("%s-%s.pom".formatted(artifact, version));
      if (Files.isRegularFile(file)) {
        parent = Optional.of(new Model(file));
      } else {
        breaks(
            pom, "its parent %s:%s:%s is not in the directory".formatted(group, artifact, version));
        parent = Optional.empty();
      }
    }

    /** What a path of elements holds, inherited or not, with its properties resolved. */
    Optional<String> value(String path) {
      return raw(path).map(this::resolved).filter(value -> !value.isBlank());
    }

    private Optional<String> raw(String path) {
      // The parent element has the coordinates that a POM leaves out. A name is not inherited.
      return own(path)
          .or(() -> path.equals("name") ? Optional.empty() : parent.flatMap(p -> p.raw(path)));
    }

    private String resolved(String value) {
      Matcher property = PROPERTY.matcher(value);
      return property.replaceAll(
          match ->
              Matcher.quoteReplacement(
                  raw("properties/" + match.group(1))
                      .or(
                          () ->
                              raw(match.group(1).replaceFirst("^project\\.", "").replace('.', '/')))
                      .map(this::resolved)
                      .orElse(match.group())));
    }

    Optional<String> own(String path) {
      Element element = project;
      for (String name : path.split("/")) {
        Optional<Element> child = child(element, name);
        if (child.isEmpty()) {
          return Optional.empty();
        }
        element = child.get();
      }
      return Optional.of(element.getTextContent().strip());
    }

    private Optional<Element> child(Element element, String name) {
      for (Node node = element.getFirstChild(); node != null; node = node.getNextSibling()) {
        if (node instanceof Element child && child.getTagName().equals(name)) {
          return Optional.of(child);
        }
      }
      return Optional.empty();
    }
  }
}
