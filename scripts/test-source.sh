#!/usr/bin/env bash
# Compiles releases of Slurm from source, as slurmVersion does for one that Debian does not package, and runs the
# tests of jobs on each, with and without containers. Prints the size of each image and how long each step took:
#   scripts/test-source.sh [VERSION...]
#
#   VERSION        a release, such as 25.11.4; those of Debian's source packages if there is none
#   SLURM_SOURCES  a directory with upstream's archives, slurm-VERSION.tar.*, of releases that Debian does not have
#   MAVEN_OPTIONS  further options of Maven, separated by blanks
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib/engine.sh
source scripts/lib/engine.sh
# shellcheck source=scripts/lib/maven.sh
source scripts/lib/maven.sh

# An image is at most this much larger than one of Debian's packages, in percent.
readonly most=20
readonly upstream=https://download.schedmd.com/slurm

say() { echo "test-source.sh: $*"; }

# Debian's source package of a suite has the archive that upstream released.
fetch_debian_source() { # suite
  local state=$work/$1 mirror keyring
  mirror=$(_debian_mirror)
  keyring=$(_debian_keyring)
  mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
  : >"$state/status"
  echo "deb-src [signed-by=$keyring] $mirror $1 main" >"$state/sources.list"
  local -a apt=(apt-get -qq -o Dir::Etc::SourceList="$state/sources.list" -o Dir::Etc::SourceParts=/dev/null
    -o Dir::State="$state" -o Dir::State::Lists="$state/lists" -o Dir::State::Status="$state/status"
    -o Dir::Cache="$state/cache" -o APT::Sandbox::User="$(id -un)" -o Acquire::Check-Valid-Until=false)
  "${apt[@]}" update && (cd "$work" && "${apt[@]}" source --download-only --tar-only slurm-wlm)
}

# Prints the path of a version's archive, or nothing if there is none.
archive_of() { # version
  find "$work" ${SLURM_SOURCES:+"$SLURM_SOURCES"} -maxdepth 1 \
    \( -name "slurm-$1.tar.*" -o -name "slurm-wlm_$1.orig.tar.*" \) -print -quit
}

# Prints the newest image of a release to which nothing is added, such as packages or accounting.
image_of() { # release, as in the tag
  docker images --format '{{.Repository}}:{{.Tag}}' "slurm-cluster:$1-*" |
    grep -xE -- "slurm-cluster:$1-[0-9a-f]{12}" | head -n 1
}

size_of() { # image
  docker image inspect --format '{{.Size}}' "$1"
}

test_release() { # version
  local version=$1 archive begin image size packaged
  archive=$(archive_of "$version")
  if [[ -z $archive ]]; then
    say "$version: its archive is missing: put slurm-$version.tar.bz2 into a directory, and name that in SLURM_SOURCES"
    return 1
  fi
  # As if it had been fetched before.
  mkdir -p "$XDG_CACHE_HOME/slurm-maven-plugin/downloads"
  cp "$archive" "$XDG_CACHE_HOME/slurm-maven-plugin/downloads/$(
    printf %s "$upstream/slurm-$version.tar.bz2" | sha256sum | cut -d ' ' -f 1
  )"
  begin=$SECONDS
  verify "${options[@]}" -Dtest.releases="$version" -Dit.test=SourceImageIT || return
  image=$(image_of "$version-source")
  packaged=$(image_of 24.11)
  size=$(size_of "$image")
  say "$version: image of $((size / 1000000)) MB after $((SECONDS - begin)) s"
  if [[ -n $packaged ]]; then
    say "$version: Debian's 24.11 has an image of $(($(size_of "$packaged") / 1000000)) MB"
    if ((size * 100 > $(size_of "$packaged") * (100 + most))); then
      say "$version: that is more than $most % larger"
      return 1
    fi
  else
    say "$version: there is no image of Debian's 24.11 to compare it with"
  fi
  SLURM_SOURCE=$archive slurm-embedded/build-bundle.sh "$version" \
    "slurm-embedded/target/bundles/$version/io/github/slurmmaven/embedded" || return
  begin=$SECONDS
  verify "${options[@]}" -Dtest.releases="$version" \
    -Dit.test=DockerJobsIT,DockerSubmitIT,JobSoftwareIT,SlurmIT,EmbeddedJobsIT,EmbeddedSubmitIT || return
  say "$version: tests passed after $((SECONDS - begin)) s"
}

ensure_test_engine
ensure_bundle_tools "$(uname -m)"
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
export XDG_CACHE_HOME=${XDG_CACHE_HOME:-$HOME/.cache}
read -ra options <<<"${MAVEN_OPTIONS-}"
options+=(--projects slurm-cluster --also-make -Dtest=NONE -Dsurefire.failIfNoSpecifiedTests=false
  -Dfailsafe.failIfNoSpecifiedTests=false -Dinvoker.skip -Dembedded.tests -Dspotless.check.skip)

versions=("$@")
for suite in bookworm trixie forky; do
  fetch_debian_source "$suite" || say "Debian's $suite gives no source of Slurm"
done
if ((${#versions[@]} == 0)); then
  mapfile -t versions < <(find "$work" -maxdepth 1 -name 'slurm-wlm_*.orig.tar.*' |
    sed 's/.*slurm-wlm_//; s/\.orig\.tar.*//' | sort)
fi
if ((${#versions[@]} == 0)); then
  say "no release was tested: Debian gives no source of Slurm, see above; name a VERSION, and its archive with SLURM_SOURCES"
  exit 1
fi
failed=()
for version in "${versions[@]}"; do
  test_release "$version" || failed+=("$version")
done
if ((${#failed[@]})); then
  say "failed: ${failed[*]}"
  exit 1
fi
