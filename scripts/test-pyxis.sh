#!/usr/bin/env bash
# Runs the tests of jobs in containers with the real Pyxis and enroot, while scripts/test.sh uses a stand-in, and
# prints the SHA-256 of both:
#   scripts/test-pyxis.sh [options of Maven...]
#
#   PYXIS_ARCHIVES  a directory with pyxis.tar.gz and enroot.deb; if it is not set, they are fetched from
#                   where withPyxis has them by default
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib/engine.sh
source scripts/lib/engine.sh
# shellcheck source=scripts/lib/maven.sh
source scripts/lib/maven.sh

ensure_test_engine
if COMPOSE_BINARY=$(ensure_compose); then
  export COMPOSE_BINARY
fi

if [[ -z ${PYXIS_ARCHIVES-} ]]; then
  PYXIS_ARCHIVES=$(mktemp -d)
  trap 'rm -r "$PYXIS_ARCHIVES"' EXIT
  architecture=$(docker version --format '{{.Server.Arch}}')
  for file in pyxis.tar.gz enroot.deb; do
    url=$(sed -n "s|.*\"default\": \"\(https://.*/${file%%.*}/.*\)\".*|\1|p" \
      slurm-cluster/src/main/resources/io/github/slurmmaven/definition/cluster.schema.json)
    url=${url/'{arch}'/$architecture}
    if ! curl --fail --location --silent --show-error --output "$PYXIS_ARCHIVES/$file" "$url"; then
      echo "test-pyxis.sh: $url cannot be fetched: name a directory with $file in PYXIS_ARCHIVES" >&2
      exit 1
    fi
  done
fi
PYXIS_ARCHIVES=$(readlink -f "$PYXIS_ARCHIVES")
export PYXIS_ARCHIVES

verify --projects slurm-cluster,slurm-maven-plugin --also-make -Dspotless.check.skip "${ONLY_BUILDS[@]}" \
  -Dit.test=PyxisIT,ComposeIT -Dinvoker.test=setup-*,parent,container-jobs \
  -Dfailsafe.rerunFailingTestsCount=1 "$@"
sha256sum "$PYXIS_ARCHIVES"/{pyxis.tar.gz,enroot.deb}
