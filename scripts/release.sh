#!/usr/bin/env bash
# Publishes this commit to Maven Central, or does all of that but the upload.
#
#   release.sh [--dry-run [--this-platform] [--repository DIRECTORY] [--against URL]] [--version VERSION]
#
#   --dry-run        signs with a key that is made for it and thrown away, and uploads nothing
#   --version        the release's version; without it, that of the POMs without -SNAPSHOT
#   --this-platform  leaves out the bundles of the other processor
#   --repository     the directory to deploy to, which is kept; it must be empty, or not exist
#   --against        compares with the Maven repository at this URL, such as that of Maven Central, in place of a
#                    second build and of the quickstart
#
# Builds the release in a copy, so that the work tree stays as it is; deploys it to a directory; checks that
# against Central's rules; builds it again elsewhere, and compares; and runs examples/quickstart with nothing of this
# project but what is in the directory. Then it uploads. The upload waits on https://central.sonatype.com for a
# person to publish it, and what is published is there for good.
#
# An upload signs with the default key of gpg, or with GPG_KEY, and needs a token of Central as the server "central"
# of settings.xml.
set -euo pipefail

readonly CALLER=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/.."

say() { echo "release.sh: $*"; }

fail() {
  say "$@" >&2
  exit 1
}

usage() {
  echo "usage: release.sh [--dry-run [--this-platform] [--repository DIRECTORY] [--against URL]]" \
    "[--version VERSION]" >&2
  exit 2
}

dry_run='' version='' repository='' against='' platforms=(-Dbundle.platforms=all)
while (($# > 0)); do
  case $1 in
    --dry-run) dry_run=yes ;;
    --this-platform) platforms=() ;;
    --version | --repository | --against)
      (($# > 1)) || usage
      declare "${1#--}=$2"
      shift
      ;;
    *) usage ;;
  esac
  shift
done
[[ -n $dry_run || (${#platforms[@]} -ne 0 && -z $repository$against) ]] || usage
[[ -z $repository || $repository == /* ]] || repository=$CALLER/$repository
[[ ! -e $repository || (-d $repository && -z $(ls -A "$repository")) ]] ||
  fail "--repository: $repository is not an empty directory: name an empty one, or one that does not exist"
[[ -z $against || $against =~ ^(https?|file):// ]] ||
  fail "--against: $against is not a URL: write one, a directory as file:///home/me/repository"

readonly GROUP=io.github.slurmmaven
snapshot=$(sed -n 's/^  <version>\(.*\)<\/version>$/\1/p' pom.xml)
version=${version:-${snapshot%-SNAPSHOT}}
[[ $version =~ ^[0-9]+(\.[0-9]+)*([.-](M|RC|alpha|beta)[.-]?[0-9]+)?$ ]] ||
  fail "$version is not the version of a release: pass one such as 1.2.0 or 1.2.0-RC1 with --version"
for tool in git gpg gpgconf mvn java unzip ${against:+curl}; do
  command -v "$tool" >/dev/null || fail "$tool is missing: install it"
done
if [[ -n $(git status --porcelain) ]]; then
  [[ -n $dry_run ]] || fail "the work tree has uncommitted changes: commit them, or stash them"
  say "uncommitted changes are left out"
fi
if [[ -z $dry_run ]] && git rev-parse --quiet --verify "refs/tags/v$version" >/dev/null; then
  fail "the tag v$version exists, so this version was released: pass another with --version"
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/slurm-release-XXXXXX")
readonly REPOSITORY=${repository:-$work/repository}
cleanup() {
  local -r status=$?
  if [[ -n $dry_run ]]; then
    GNUPGHOME=$work/gnupg gpgconf --kill gpg-agent || true
    rm -rf "$work/gnupg"
  fi
  if ((status == 0)); then
    rm -rf "$work"
  else
    say "it failed; what it made is in $work" >&2
  fi
}
trap cleanup EXIT

if [[ -n $dry_run ]]; then
  unset GPG_KEY
  export GNUPGHOME=$work/gnupg
  mkdir -m 700 "$GNUPGHOME"
  gpg --batch --quiet --passphrase '' --quick-generate-key "Dry run <dry-run@example.invalid>" ed25519 sign never
fi
key=$(gpg --batch --with-colons --list-secret-keys ${GPG_KEY:+"$GPG_KEY"} | awk -F : '$1 == "fpr" { print $10; exit }')
[[ -n $key ]] ||
  fail "gpg has no secret key${GPG_KEY:+ $GPG_KEY} to sign with: make one and publish it, see CONTRIBUTING.md"

# ---- the build -------------------------------------------------------------------------------------------------

# Unpacks the commit with the release's version in its POMs.
copy_sources() { # directory
  mkdir "$1"
  git archive "$commit" | tar -x -C "$1"
  (
    cd "$1"
    find . -name pom.xml -exec sed -i \
      -e "s/<version>${snapshot//./\\.}</<version>$version</" \
      -e "s/<tag>HEAD</<tag>v$version</" \
      -e "s/\(<project.build.outputTimestamp>\)[^<]*/\1$timestamp/" {} +
  )
}

# Tests and style were checked before, by scripts/test.sh. Nothing is installed: no other build may find the release
# before it is published.
build() { # directory argument...
  (
    cd "$1"
    shift
    mvn --batch-mode --no-transfer-progress -Prelease -Dmaven.test.skip -Dinvoker.skip -Dspotless.check.skip \
      -Dmaven.install.skip "-Dgpg.keyname=$key" "${platforms[@]}" "$@"
  )
}

deploy_to() { # directory of the sources, of the repository, argument...
  build "$1" "-DaltDeploymentRepository=release::file://$2" "${@:3}" deploy
}

modules() { # directory
  sed -n 's/^    <module>\(.*\)<\/module>$/\1/p' "$1/pom.xml"
}

bundle_version() { # release
  sed -n 's/^  <version>\(.*\)<\/version>$/\1/p' "$work/first/slurm-bundles/$1/pom.xml"
}

# What Central would get, and no more: neither the test projects nor the examples.
components() {
  local module release platform classifiers=
  echo "slurm-maven-parent:$version"
  for module in $(modules "$work/first"); do
    echo "$module:$version"
  done
  for platform in $(bundle_platforms); do
    classifiers+=:slurm-$platform:accounting-$platform
  done
  for release in $(modules "$work/first/slurm-bundles"); do
    echo "slurm-bundle-$release:$(bundle_version "$release")$classifiers"
  done
}

bundle_platforms() {
  if ((${#platforms[@]} == 0)); then
    echo "linux-$(uname -m)"
  else
    echo linux-x86_64 linux-aarch64
  fi
}

check() {
  local -a expected
  mapfile -t expected < <(components)
  java "$work/first/scripts/lib/CheckCentral.java" "$REPOSITORY" "$key" "${expected[@]}" ||
    fail "Central would refuse what is in $REPOSITORY, see above"
  check_bundles
}

# Debian may have another Slurm by now than the version of a bundle says.
check_bundles() {
  local release expected jar found
  for release in $(modules "$work/first/slurm-bundles"); do
    expected=$(bundle_version "$release")
    for jar in "$REPOSITORY/${GROUP//.//}/slurm-bundle-$release/$expected"/*.jar; do
      found=$(unzip -p "$jar" "${GROUP//.//}/embedded/*.properties" | sed -n 's/^version=//p')
      [[ $found-${expected##*-} == "$expected" ]] ||
        fail "${jar##*/} has Slurm $found: give the module slurm-bundles/$release the version $found-1," \
          "see CONTRIBUTING.md"
    done
  done
}

# Another directory and another time must not show in what is built.
compare() {
  copy_sources "$work/second"
  deploy_to "$work/second" "$work/second-repository" -Dgpg.skip
  diff --recursive --brief --exclude='*.asc' --exclude='*.asc.*' --exclude='maven-metadata.xml*' \
    "$REPOSITORY" "$work/second-repository" ||
    fail "two builds of this commit differ in the files above"
  say "two builds gave the same bytes"
}

# The bundles are left out: they have the packages of Debian of the day on which they were made.
compare_with() { # URL
  local file count=0 status
  local -a different=()
  while read -r file; do
    count=$((count + 1))
    status=0
    curl --fail --silent --show-error --location --retry 3 --output "$work/other" "$1/$file" || status=$?
    # curl's numbers of an HTTP status of 400 or more, and of a file that is not there.
    if ((status == 22 || status == 37)); then
      different+=("$file, which cannot be read there")
    elif ((status != 0)); then
      fail "$1/$file cannot be read, see above"
    elif ! cmp --quiet "$REPOSITORY/$file" "$work/other"; then
      different+=("$file")
    fi
  done < <(cd "$REPOSITORY" && find . -type f \( -name '*.jar' -o -name '*.pom' -o -name '*.json' \) \
    ! -path '*/slurm-bundle-*.jar' -printf '%P\n' | LC_ALL=C sort)
  ((${#different[@]} == 0)) || fail "these files differ from those of $1:" "${different[@]/#/$'\n'  }"
  say "$1 has the same bytes in $count files"
}

# ---- the consumer ----------------------------------------------------------------------------------------------

run_consumer() {
  local -r home=$work/consumer
  local foreign
  mkdir "$home"
  cp -r "$work/first/examples/quickstart" "$home/quickstart"
  cat >"$home/settings.xml" <<XML
<settings>
  <profiles>
    <profile>
      <id>release</id>
      <activation>
        <activeByDefault>true</activeByDefault>
      </activation>
      <repositories>
        <repository>
          <id>release</id>
          <url>file://$REPOSITORY</url>
        </repository>
      </repositories>
      <pluginRepositories>
        <pluginRepository>
          <id>release</id>
          <url>file://$REPOSITORY</url>
        </pluginRepository>
      </pluginRepositories>
    </profile>
  </profiles>
</settings>
XML
  (
    cd "$home/quickstart"
    # Neither artifacts nor unpacked programs of an earlier build.
    env -u MAVEN_ARGS XDG_CACHE_HOME="$home/cache" mvn --batch-mode --no-transfer-progress \
      --settings "$home/settings.xml" "-Dmaven.repo.local=$home/m2" -Dslurm.engine=embedded verify
  ) || fail "examples/quickstart does not run with what is in $REPOSITORY, see above"
  foreign=$(find "$home/m2/${GROUP//.//}" -name _remote.repositories -exec grep -hv '^#' {} + |
    grep -v '>release=$' || true)
  [[ -z $foreign ]] || fail "the consumer took these from elsewhere than $REPOSITORY:"$'\n'"$foreign"
  grep -qs '<completed>[1-9]' "$home/quickstart/target/failsafe-reports/failsafe-summary.xml" ||
    fail "examples/quickstart ran no integration test"
  say "examples/quickstart ran with the release alone"
}

# ----------------------------------------------------------------------------------------------------------------

# What happens in the work tree from here on does not count.
commit=$(git rev-parse HEAD)
timestamp=$(TZ=UTC0 git log -1 --date=format-local:%Y-%m-%dT%H:%M:%SZ --format=%cd "$commit")
say "version $version of commit ${commit:0:8}, in $work"
copy_sources "$work/first"
deploy_to "$work/first" "$REPOSITORY"
check
if [[ -n $against ]]; then
  compare_with "${against%/}"
else
  run_consumer
  compare
fi
if [[ -n $dry_run ]]; then
  say "dry run of $version passed in $SECONDS s; nothing was uploaded"
  exit
fi
build "$work/first" -Pcentral deploy
say "uploaded. Publish it on https://central.sonatype.com/publishing, and then:"
say "  git tag -s v$version $commit && git push origin v$version"
say "  raise the version of the POMs to the next -SNAPSHOT, and start a new section of CHANGELOG.md"
