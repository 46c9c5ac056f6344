#!/usr/bin/env bash
# Builds the clusters' images, pushes them to a registry, and notes their digests in the file that the plugin
# carries:
#   scripts/publish-images.sh [options] REGISTRY/NAME
#
#   --releases R,...  releases of Slurm; default 22.05,24.11,26.05
#   --variants V,...  what is in the images beside Slurm: plain, pyxis, accounting, pbs, or several of them as
#                     in pyxis+accounting; default plain,accounting,pbs,pyxis,pyxis+accounting
#   --digests FILE    file of the digests; default published.properties of slurm-cluster-images
#   --date DATE       day in the tags, as YYYY-MM-DD; default today
#   --insecure        the registry has no TLS
#
# PYXIS_ARCHIVES names a directory with pyxis.tar.gz and enroot.deb, for where their projects' sites cannot be
# reached. They must be the same as there: users' clusters take the image that has the content of theirs.
#
# The images are those of the architecture of the Docker engine (DOCKER_HOST names another). Run the script with
# the same date on an engine of each architecture, one after the other: a run adds its architecture to what the
# runs before it have pushed. The registry's credentials are those of docker login.
#
# Tags of the release 24.11 with accounting, on amd64: 24.11-accounting, 24.11-accounting-2026-11-30, the one that
# names the content, and 24.11-accounting-2026-11-30-amd64, which is the image. The others are lists of the images
# of all architectures.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=scripts/lib/engine.sh
source "$root/scripts/lib/engine.sh"

say() { echo "publish-images.sh: $*"; }

refuse() {
  say "$*" >&2
  exit 2
}

repository=
releases=22.05,24.11,26.05
variants=plain,accounting,pbs,pyxis,pyxis+accounting
digests=$root/slurm-cluster-images/src/main/resources/io/github/slurmmaven/images/published.properties
date=$(date +%F)
insecure=()
while (($#)); do
  case $1 in
    --releases | --variants | --digests | --date)
      (($# > 1)) || refuse "$1 has no value: see the head of this script"
      declare "${1#--}=$2"
      shift
      ;;
    --insecure) insecure=(--insecure) ;;
    -*) refuse "unknown option '$1': see the head of this script" ;;
    *)
      [[ -z $repository ]] || refuse "two repositories, '$repository' and '$1': name one"
      repository=$1
      ;;
  esac
  shift
done
[[ $repository =~ ^[a-zA-Z0-9.-]+(:[0-9]+)?(/[a-z0-9][a-z0-9._-]*)+$ ]] ||
  refuse "'$repository' is not a repository of a registry: name one, as in registry.example.org/slurm-cluster"
[[ $date =~ ^[0-9]{4}-[0-9]{2}-[0-9]{2}$ ]] || refuse "--date: '$date' is not a day: write it as 2026-11-30"
IFS=, read -r -a releases <<<"$releases"
IFS=, read -r -a variants <<<"$variants"
for variant in "${variants[@]}"; do
  [[ $variant == plain || $variant =~ ^(pyxis|accounting|pbs)(\+(pyxis|accounting|pbs))*$ ]] ||
    refuse "--variants: '$variant' is not known: use plain, pyxis, accounting, pbs, or several as in pyxis+accounting"
done

pyxis=()
if [[ -n ${PYXIS_ARCHIVES-} && ${variants[*]} == *pyxis* ]]; then
  for file in pyxis.tar.gz enroot.deb; do
    [[ -f $PYXIS_ARCHIVES/$file ]] || refuse "PYXIS_ARCHIVES: there is no file $PYXIS_ARCHIVES/$file: add it"
  done
  archives=$(cd "$PYXIS_ARCHIVES" && pwd)
  pyxis=("-Dslurm.pyxisUrl=file://$archives/pyxis.tar.gz" "-Dslurm.enrootUrl=file://$archives/enroot.deb")
fi

ensure_java_maven
command -v docker >/dev/null || refuse "there is no docker command, which pushes the images: install it"
engine_answers || refuse "no Docker engine answers: start it, or name one with DOCKER_HOST"
architecture=$(docker version --format '{{.Server.Arch}}')
# The clusters are made outside of any project.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

say "installing the plugin"
mvn=(mvn --batch-mode --no-transfer-progress)
"${mvn[@]}" --quiet --file "$root" install --projects slurm-maven-plugin --also-make \
  -Dmaven.test.skip -Dinvoker.skip -Dspotless.check.skip -Dexec.skip
version=$(sed -n 's:^  <version>\(.*\)</version>$:\1:p' "$root/pom.xml" | head -n 1)

# Builds an image, unless the engine has it, and sets reference to its name there.
build() { # release, variant
  local directory=$work/$1-$2
  local -a switches=()
  [[ $2 != *pyxis* ]] || switches+=(-Dslurm.withPyxis=true "${pyxis[@]}")
  [[ $2 != *accounting* ]] || switches+=(-Dslurm.accounting=true)
  [[ $2 != *pbs* ]] || switches+=(-Dslurm.pbsCommands=true)
  mkdir "$directory"
  (cd "$directory" && "${mvn[@]}" "io.github.slurmmaven:slurm-maven-plugin:$version:create" \
    -Dslurm.name=publish -Dslurm.engine=docker -Dslurm.preset=cpu -Dslurm.port=0 \
    -Dslurm.imageRepository=none -Dslurm.slurmVersion="$1" "${switches[@]}")
  reference=$(sed -n 's/.*image: "\(slurm-cluster:.*\)"/\1/p' \
    "$directory/.slurm-cluster/publish/docker-compose.yml" | head -n 1)
  if [[ -z $reference ]]; then
    say "the cluster of Slurm $1 ($2) has no image of the plugin in its docker-compose.yml" >&2
    return 1
  fi
}

# Whether the registry has a tag. Ends the script if the registry does not answer.
has() { # name with tag
  local words
  if words=$(docker manifest inspect "${insecure[@]}" "$1" 2>&1 >/dev/null); then
    return 0
  elif [[ $words == *'no such manifest'* || $words == *'manifest unknown'* || $words == *'not found'* ]]; then
    return 1
  fi
  say "the registry gave no answer about $1: $words" >&2
  exit 1
}

# Lets a tag name the images of several architectures, and prints the digest of that list.
push_list() { # name with tag, names of images...
  local digest
  # One that was made before, and never pushed.
  docker manifest rm "$1" >/dev/null 2>&1 || true
  docker manifest create "${insecure[@]}" "$@" >/dev/null || return
  digest=$(docker manifest push --purge "${insecure[@]}" "$1" | grep -E '^sha256:[0-9a-f]{64}$') || return
  echo "$digest"
}

# Adds an image to the file of digests, which has those of one repository.
note() { # tag of the content, digest
  local draft=$work/digests
  {
    echo "# Images that are published, by the tag of their content. scripts/publish-images.sh writes this file."
    echo "repository=$repository"
    {
      if grep -qxF "repository=$repository" "$digests" 2>/dev/null; then
        grep -vE '^(#|repository=|$)' "$digests" | grep -v "^$1=" || true
      fi
      echo "$1=$2"
    } | LC_ALL=C sort
  } >"$draft"
  cp "$draft" "$digests"
}

publish() { # release, variant
  local name=$1 part dated image other tag list digest=
  local -a images
  for part in pyxis accounting pbs; do
    [[ $2 != *$part* ]] || name+=-$part
  done
  build "$1" "$2"
  if [[ $(docker image inspect --format '{{.Created}}' "$reference") != "$date"* ]]; then
    say "$reference was not built on $date, and is published as the engine has it"
  fi
  dated=$repository:$name-$date
  image=$dated-$architecture
  say "pushing $reference as $image"
  docker tag "$reference" "$image"
  docker push --quiet "$image" >/dev/null
  docker image rm "$image" >/dev/null
  images=("$image")
  for other in amd64 arm64; do
    if [[ $other != "$architecture" ]] && has "$dated-$other"; then
      images+=("$dated-$other")
    fi
  done
  for tag in "$name-$date" "$name" "${reference#*:}"; do
    list=$(push_list "$repository:$tag" "${images[@]}")
    if [[ -n $digest && $list != "$digest" ]]; then
      say "the registry has other images for $repository:$tag ($list) than for $name-$date ($digest)" >&2
      return 1
    fi
    digest=$list
  done
  note "${reference#*:}" "$digest"
  say "published $repository:$name for ${images[*]##*-}, $digest"
}

for release in "${releases[@]}"; do
  for variant in "${variants[@]}"; do
    publish "$release" "$variant"
  done
done
say "done in $SECONDS s; the digests are in $digests"
