#!/usr/bin/env bash
# Runs clusters on a virtual machine like the users' and prints a table of what passed and failed:
#   scripts/test-vm.sh [debian-13|debian-14|arm64] [what...]
#
#   debian-13  (default) Docker 26.1, rootless Podman 5.4, cgroup v2, AppArmor
#   debian-14  Docker 28.5
#   arm64      Debian 13 on an aarch64 processor, which QEMU emulates on x86_64; only without
#              containers there, as the engine here cannot build images for it
#   what       parts of the checks' names, such as 22.05, embedded-root or docker/quickstart. A check runs
#              if its name contains one of them. Without this argument, all checks run. A name is
#              RELEASE/PLACE/CHECK: scripts/lib/vm-checks.sh lists them.
#
# The machine has Debian's Java, Maven and engines, and no network. This script installs the project into
# the local Maven repository here, builds the cluster's images with the engine here, and copies both into
# the machine. TIME_FACTOR, VM_ACCEL and VM_MEMORY are described in scripts/lib/vm.sh.
#
# The script fails if a check fails. The logs of all checks are in target/test-vm/MACHINE.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib/engine.sh
source scripts/lib/engine.sh
# shellcheck source=scripts/lib/vm.sh
source scripts/lib/vm.sh

say() { echo "test-vm.sh: $*"; }

vm_choose "${1:-debian-13}"
shift || true
what=("$@")

vm_work=$(mktemp -d "${TMPDIR:-/var/tmp}/test-vm-XXXXXX")
end() {
  vm_end
  rm -rf "$vm_work"
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

maven=(mvn --batch-mode --no-transfer-progress --quiet)
version=$(sed -n '/<artifactId>slurm-maven-parent</,/<version>/s|.*<version>\(.*\)</version>.*|\1|p' pom.xml)
plugin=io.github.slurmmaven:slurm-maven-plugin:$version
releases=$(sed -n 's/.*<id>make-\([0-9.]*\)<.*/\1/p' slurm-embedded/pom.xml | paste -s -d ' ')

install_project() {
  local repository=$HOME/.m2/repository option
  local -a platforms=()
  if vm_is_foreign; then
    ensure_bundle_tools "$vm_processor"
    platforms=(-Dbundle.platforms=all)
  fi
  say "installing the project"
  "${maven[@]}" install -Dmaven.test.skip -Dinvoker.skip -Dspotless.check.skip "${platforms[@]}"
  # Fetches what else the quickstart needs. The project's own tests get it from other repositories.
  "${maven[@]}" --file examples/quickstart verify -Dslurm.name="test-vm-$$" -Dslurm.port=0
  for option in ${MAVEN_OPTS-}; do
    [[ $option != -Dmaven.repo.local=* ]] || repository=${option#*=}
  done
  vm_disk repository "$repository"
  mkdir "$vm_work/project"
  git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$vm_work/project"
  vm_disk project "$vm_work/project"
}

save_images() {
  local release preset directory=$vm_work/clusters
  local -a images=(registry:2) presets
  ensure_docker
  ensure_base_image "${TEST_IMAGES[@]}"
  for release in $releases; do
    say "building the image of Slurm $release"
    presets=(cpu)
    # Its controller has another image.
    [[ ! $checks =~ $release/(docker|podman)/full ]] || presets+=(full)
    for preset in "${presets[@]}"; do
      "${maven[@]}" "$plugin:start" -Dslurm.engine=docker -Dslurm.name="test-vm-$$" \
        -Dslurm.outputDirectory="$directory" -Dslurm.slurmVersion="$release" -Dslurm.port=0 \
        -Dslurm.preset="$preset" -Dslurm.withPyxis=false -Dslurm.withRegistry=false
      mapfile -t -O ${#images[@]} images < <(docker ps --filter "name=test-vm-$$" --format '{{.Image}}')
      "${maven[@]}" "$plugin:destroy" -Dslurm.name="test-vm-$$" -Dslurm.outputDirectory="$directory"
    done
  done
  mkdir "$vm_work/images"
  mapfile -t images < <(printf '%s\n' "${images[@]}" | sort -u)
  docker save "${images[@]}" >"$vm_work/images/images.tar"
  vm_disk images "$vm_work/images"
}

# Only the places and images that the chosen checks need are prepared.
places=(embedded embedded-root)
vm_is_foreign || places=(docker podman "${places[@]}")
checks=$(for place in "${places[@]}"; do
  RELEASES=$releases scripts/lib/vm-checks.sh "$place" --list "${what[@]}"
done)
if [[ -z $checks ]]; then
  say "no check has one of these in its name: ${what[*]}"
  exit 2
fi
releases=$(cut -d / -f 1 <<<"$checks" | sort -u | paste -s -d ' ')
mapfile -t places < <(cut -d / -f 2 <<<"$checks" | awk '!seen[$0]++')

say "preparing $vm_machine"
ensure_java_maven
vm_ensure_disk
install_project
if [[ " ${places[*]} " =~ \ (docker|podman)\  ]]; then
  save_images
fi

vm_start
results=$vm_work/results
logs=target/test-vm/$vm_machine
rm -rf "$logs"
mkdir -p "$logs"

# The ordinary user owns all files; root writes to them, too.
vm_ssh root bash -eus <<'MACHINE'
mount_disk() { # name, directory
  mkdir -p "$2"
  ! [[ -e /dev/disk/by-label/$1 ]] || mount "LABEL=$1" "$2"
}
mount_disk project /home/ci/project
mount_disk repository /home/ci/.m2/repository
mount_disk images /mnt/images
chown -R ci:ci /home/ci
MACHINE
if [[ -e $vm_work/images.img ]]; then
  say "loading images"
  vm_ssh root docker load --quiet --input /mnt/images/images.tar >"$logs/images.log"
fi
vm_ssh root bash -s >"$logs/machine.txt" <<'MACHINE'
. /etc/os-release
echo "$PRETTY_NAME, Linux $(uname -r), $(uname -m)"
echo "$(systemctl --version | head -n 1); $(stat -f -c %T /sys/fs/cgroup); AppArmor enabled: $(cat /sys/module/apparmor/parameters/enabled)"
docker version --format 'Docker {{.Server.Version}} (API {{.Server.APIVersion}})'
podman --version
mvn --version | head -n 1
java -version 2>&1 | head -n 1
MACHINE
cat "$logs/machine.txt"

failed=0
for place in "${places[@]}"; do
  user=ci
  [[ $place != *-root ]] || user=root
  vm_ssh $user env TIME_FACTOR="$TIME_FACTOR" PLUGIN="$plugin" RELEASES="'$releases'" \
    /home/ci/project/scripts/lib/vm-checks.sh "$place" "${what[@]}" | tee -a "$logs/checks.log" || failed=1
done
sed -n 's/^=== //p' "$logs/checks.log" >"$results"
vm_ssh root 'cd /var/tmp/test-vm 2>/dev/null && tar -c .' | tar -x -C "$logs" || true

say "$vm_machine ($VM_ACCEL), $(paste -s -d ';' "$logs/machine.txt"):"
sort "$results" | column -t
if ((failed)) || ! [[ -s $results ]]; then
  say "FAILED; logs: $logs"
  exit 1
fi
say "passed"
