#!/usr/bin/env bash
# Runs what scripts/test.sh leaves out because it takes long: on each packaged release, the tests that it runs on the
# default release alone; clusters that are stopped and started fifty times, builds that are ended by each signal three
# times in each phase, and the steps of ci-templates. Arguments go to Maven.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib/engine.sh
source scripts/lib/engine.sh
# shellcheck source=scripts/lib/maven.sh
source scripts/lib/maven.sh

ensure_test_engine
options=(-Dspotless.check.skip)
if [[ $(uname -s) == Linux ]]; then
  ensure_bundle_tools || true # they are made with Docker then
  options+=(-Dembedded.tests)
fi

TEST_REPORT=$(mktemp -d)
export TEST_REPORT
trap 'print_report; rm -r "$TEST_REPORT"' EXIT

verify "${options[@]}" --projects slurm-cluster --also-make -Dtest=NONE -Dinvoker.skip \
  -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false \
  -Dit.test=DiagnosisIT,DockerAccountingIT,DockerClockIT,DockerClusterIT,DockerEarlyFilesIT,DockerJobsIT,\
DockerPbsIT,DockerRestIT,DockerSubmitIT,EmbeddedClusterIT,EmbeddedEarlyFilesIT,EmbeddedOperationsIT,JobSoftwareIT,\
PyxisIT,SlurmIT,SurvivalIT,CyclesIT \
  -Dtest.releases=all -Dcycles=50 "$@"
KILLS_OF_EACH_KIND=3 TEST_CI_TEMPLATES=yes verify "${options[@]}" --projects slurm-maven-plugin --also-make \
  "${ONLY_BUILDS[@]}" -Dinvoker.test=setup-login,parent,kills,ci-templates -Dinvoker.skip.examples=true "$@"
