#!/usr/bin/env bash
# Breaks each rule that scripts/lib/CheckCentral.java holds in a small repository of its own, and fails unless the
# check reports it. Takes seconds, and needs a JDK and gpg.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."

work=$(mktemp -d)
export GNUPGHOME=$work/gnupg
trap 'gpgconf --kill gpg-agent; rm -rf "$work"' EXIT
mkdir -m 700 "$GNUPGHOME"
for name in first other; do
  gpg --batch --quiet --passphrase '' --quick-generate-key "$name <$name@example.invalid>" ed25519 sign never 2>/dev/null
done
key() { gpg --batch --with-colons --list-keys "$1" | awk -F : '$1 == "fpr" { print $10; exit }'; }
KEY=$(key first)

readonly GROUP=io/github/slurmmaven
readonly PARENT=$GROUP/parent/1.0/parent-1.0 LIBRARY=$GROUP/library/1.0/library-1.0

# Signs what has no signature, and writes digests of all.
finish() {
  find . -type f ! -name '*.asc' ! -name '*.md5' ! -name '*.sha1' | while read -r file; do
    [[ -e $file.asc ]] || gpg --batch --quiet --local-user "${1-$KEY}" --armor --detach-sign "$file"
    md5sum <"$file" | cut -d ' ' -f 1 >"$file.md5"
    sha1sum <"$file" | cut -d ' ' -f 1 >"$file.sha1"
  done
}

# Changes files, each of which is then signed anew.
change() { # expression file...
  local expression=$1
  shift
  sed -i "$expression" "$@"
  rm "${@/%/.asc}"
  finish
}

make_jar() { # file entry text
  rm -rf "$work/jar" "$1" "$1.asc"
  mkdir -p "$(dirname "$work/jar/$2")"
  printf '%s\n' "$3" >"$work/jar/$2"
  jar --create --file "$1" -C "$work/jar" .
}

make_repository() {
  mkdir -p "$(dirname "$PARENT")" "$(dirname "$LIBRARY")"
  cat >"$PARENT.pom" <<'POM'
<project>
  <modelVersion>4.0.0</modelVersion>
  <groupId>io.github.slurmmaven</groupId>
  <artifactId>parent</artifactId>
  <version>1.0</version>
  <packaging>pom</packaging>
  <name>Parent</name>
  <description>A parent.</description>
  <url>${home}</url>
  <licenses>
    <license>
      <name>Apache-2.0</name>
      <url>https://example.invalid/licence</url>
    </license>
  </licenses>
  <developers>
    <developer>
      <name>${authors}</name>
    </developer>
  </developers>
  <scm>
    <connection>scm:git:${home}.git</connection>
    <developerConnection>scm:git:${home}.git</developerConnection>
    <url>${home}</url>
  </scm>
  <properties>
    <home>https://example.invalid/home</home>
    <authors>Somebody</authors>
  </properties>
</project>
POM
  cat >"$LIBRARY.pom" <<'POM'
<project>
  <modelVersion>4.0.0</modelVersion>
  <parent>
    <groupId>io.github.slurmmaven</groupId>
    <artifactId>parent</artifactId>
    <version>1.0</version>
  </parent>
  <artifactId>library</artifactId>
  <name>Library</name>
</project>
POM
  echo '{}' | tee "$PARENT-cyclonedx.json" >"$LIBRARY-cyclonedx.json"
  make_jar "$LIBRARY.jar" META-INF/maven/pom.properties version=1.0
  make_jar "$LIBRARY-sources.jar" Library.java 'class Library {}'
  make_jar "$LIBRARY-javadoc.jar" index.html library
  make_jar "$LIBRARY-linux.jar" program program
  finish
}

check() {
  java -cp "$work/classes" CheckCentral . "$KEY" parent:1.0 library:1.0:linux
}

# Runs commands in a copy of the repository. The check must then report one rule.
refuses() { # file rule command...
  local -r expected="CheckCentral: $1: $2"
  local report status=0
  shift 2
  rm -rf "$work/copy"
  cp -r "$work/repository" "$work/copy"
  cd "$work/copy"
  "$@"
  report=$(check) || status=$?
  if [[ $status != 1 ]] || ! grep -qF -- "$expected" <<<"$report"; then
    echo "test-release.sh: after '$*' the check ended with $status, and did not print '$expected', but:"
    echo "$report"
    exit 1
  fi
  refused=$((refused + 1))
}

refused=0
javac -d "$work/classes" scripts/lib/CheckCentral.java
mkdir "$work/repository" && cd "$work/repository"
make_repository
check

for field in name description url; do
  refuses "$PARENT.pom" "the POM has no $field" change "/^  <$field>/d" "$PARENT.pom"
done
refuses "$LIBRARY.pom" "the POM has no name" change '/^  <name>/d' "$LIBRARY.pom"
refuses "$LIBRARY.pom" "the POM has no description" change '/^  <description>/d' "$PARENT.pom"
refuses "$PARENT.pom" "the POM has no licenses/license/name" change '/<name>Apache/d' "$PARENT.pom"
refuses "$PARENT.pom" "the POM has no licenses/license/url" change '/licence</d' "$PARENT.pom"
refuses "$PARENT.pom" "the POM has no developers/developer/name" change '/<name>\$/d' "$PARENT.pom"
refuses "$PARENT.pom" "the POM has no developers/developer/name" change '/<authors>/d' "$PARENT.pom"
refuses "$PARENT.pom" "the POM has no scm/connection" change '/<connection>/d' "$PARENT.pom"
refuses "$PARENT.pom" "the POM has no scm/developerConnection" change '/<developerConnection>/d' "$PARENT.pom"
refuses "$PARENT.pom" "the POM has no scm/url" change '/^    <url>\$/d' "$PARENT.pom"
refuses "$PARENT.pom" "the POM is that of io.github.slurmmaven:parent:2.0, not of io.github.slurmmaven:parent:1.0" \
  change 's/<version>1.0/<version>2.0/' "$PARENT.pom"
# shellcheck disable=SC2016 # a property of the POM
refuses "$PARENT.pom" "the POM has no constant version" change 's/<version>1.0/<version>${revision}/' "$PARENT.pom"
refuses "$LIBRARY.pom" "the POM has repositories" \
  change 's/<name>/<repositories><repository><id>x<\/id><\/repository><\/repositories>&/' "$LIBRARY.pom"
refuses "$LIBRARY.pom" "it contains 3.0-SNAPSHOT" change 's/<name>/<!-- 3.0-SNAPSHOT -->&/' "$LIBRARY.pom"

with_snapshot_inside() {
  make_jar "$LIBRARY.jar" META-INF/maven/pom.properties version=1.0-SNAPSHOT
  finish
}
refuses "$LIBRARY.jar" "its META-INF/maven/pom.properties contains 1.0-SNAPSHOT" with_snapshot_inside

for kind in '' -sources -javadoc -linux; do
  refuses "$LIBRARY$kind.jar" "the jar" rm "$LIBRARY$kind.jar"
done
refuses "$LIBRARY-cyclonedx.json" "the SBOM is missing" rm "$LIBRARY-cyclonedx.json"

empty_javadoc() {
  make_jar "$LIBRARY-javadoc.jar" META-INF/MANIFEST.MF ''
  finish
}
refuses "$LIBRARY-javadoc.jar" "the jar of the Javadoc is empty" empty_javadoc

for extension in md5 sha1; do
  refuses "$LIBRARY.jar.$extension" "the digest is missing" rm "$LIBRARY.jar.$extension"
  refuses "$LIBRARY.jar.$extension" "the digest is 0, but" eval "echo 0 >$LIBRARY.jar.$extension"
done
refuses "$LIBRARY.jar.asc" "the signature is missing" rm "$LIBRARY.jar.asc"
refuses "$LIBRARY.jar.asc" "the signature is not one of the key $KEY" cp "$LIBRARY.pom.asc" "$LIBRARY.jar.asc"
refuses "$LIBRARY.jar.asc" "the signature is not one of the key $KEY" eval "echo x >$LIBRARY.jar.asc"

other_key() {
  rm "$LIBRARY.jar.asc"
  finish "$(key other)"
}
refuses "$LIBRARY.jar.asc" "the signature is not one of the key $KEY" other_key
refuses library:1.0 "the component is missing" rm -r "$(dirname "$LIBRARY")"

one_more() {
  mkdir -p "$GROUP/quickstart/1.0"
  sed 's/library/quickstart/' "$LIBRARY.pom" >"$GROUP/quickstart/1.0/quickstart-1.0.pom"
  finish
}
refuses quickstart:1.0 "the component is not one to publish" one_more
refuses "$LIBRARY.pom" "its parent io.github.slurmmaven:parent:1.0 is not in the directory" rm -r "$(dirname "$PARENT")"

echo "test-release.sh: the check refused $refused broken repositories"
