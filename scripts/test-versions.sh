#!/usr/bin/env bash
# Runs the builds of src/it on other versions of Maven and Java, each Maven on each Java, and prints the result of
# each pair:
#   scripts/test-versions.sh [options of Maven...]
#
#   TEST_PROJECTS  builds to run, separated by commas, with containers; all if it is not set, some of
#                  them without containers, too
#   TEST_PAIRS     pairs to run, as 3.6.3/17 for Maven 3.6.3 on Java 17, separated by spaces; all if
#                  it is not set
#
# Maven is fetched as an artifact. A Java that this machine lacks is skipped with a line.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib/engine.sh
source scripts/lib/engine.sh
# shellcheck source=scripts/lib/maven.sh
source scripts/lib/maven.sh

ensure_test_engine

options=(-Dspotless.check.skip "${ONLY_BUILDS[@]}")
if [[ -n ${TEST_PROJECTS-} ]]; then
  options+=("-Dinvoker.test=$TEST_PROJECTS")
elif [[ $(uname -s) == Linux ]]; then
  ensure_bundle_tools || true
  options+=(-Dembedded.tests)
fi

pairs=${TEST_PAIRS-}
if [[ -z $pairs ]]; then
  for version in $MAVEN_VERSIONS; do
    for java in 17 newest; do
      pairs+=" $version/$java"
    done
  done
fi

failed=()
for pair in $pairs; do
  version=${pair%/*}
  if ! java=$(java_home "${pair#*/}"); then
    echo "test-versions.sh: Maven $version on Java ${pair#*/}: skipped, there is no such JDK here"
    continue
  fi
  home=$(maven_home "$version")
  begin=$SECONDS
  if TEST_PAIR=$pair verify --projects slurm-maven-plugin --also-make "${options[@]}" \
    -Dinvoker.mavenHome="$home" -Dinvoker.javaHome="$java" "$@"; then
    result=passed
  else
    result=FAILED
    failed+=("$pair")
  fi
  echo "test-versions.sh: Maven $version on $java: $result after $((SECONDS - begin)) s"
done
if ((${#failed[@]})); then
  echo "test-versions.sh: failed: ${failed[*]}"
  exit 1
fi
