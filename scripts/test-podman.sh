#!/usr/bin/env bash
# Runs on Podman what also runs on Docker: the contract of the engine, and some of the builds of src/it:
#   scripts/test-podman.sh [options of Maven...]
#
#   TEST_PROJECTS  builds to run, separated by commas; if it is not set, some of them
#
# Podman keeps its images and containers in a temporary directory, and gets Docker's base images. Without Podman,
# or if it cannot run a container, the script prints why and skips everything.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib/engine.sh
source scripts/lib/engine.sh
# shellcheck source=scripts/lib/maven.sh
source scripts/lib/maven.sh

say() { echo "test-podman.sh: $*"; }

if ! command -v podman >/dev/null; then
  say "skipped, there is no podman here"
  exit
fi

ensure_test_engine

work=$(mktemp -d)
own=(podman --root "$work/storage" --runroot "$work/run" --network-config-dir "$work/networks")

service=
end() {
  "${own[@]}" rm --all --force --time 0 >/dev/null 2>&1 || true
  if [[ -n $service ]]; then
    kill "$service" || true
    wait "$service" || true
  fi
  # One of its processes stays for five minutes after each command in a container. When it ends, it makes the
  # directory again.
  while pkill -KILL -f -- "$work/storage"; do
    sleep 0.1
  done
  # What is below belongs to users of the containers, and is mounted on itself.
  if ((EUID == 0)); then
    while umount --lazy "$work/storage/overlay" 2>/dev/null; do :; done
    rm -rf "$work"
  else
    podman unshare rm -rf "$work"
  fi
}
trap end EXIT

docker save "${TEST_IMAGES[@]}" | "${own[@]}" load --quiet >/dev/null
for image in "${TEST_IMAGES[@]}"; do
  # If an archive has a name without a registry, Podman uses the registry localhost.
  "${own[@]}" image exists "docker.io/library/$image" || "${own[@]}" tag "localhost/$image" "docker.io/library/$image"
done

# As root, Podman raises the limits of its containers. In a container or a small virtual machine it may not do so,
# and fails. crun fails on cgroup v1 beside v2.
runs() { "${own[@]}" run --rm --network none debian:12-slim true; }
if ! words=$(runs 2>&1); then
  cat >"$work/containers.conf" <<EOF
[containers]
default_ulimits = ["nofile=$(ulimit -Sn):$(ulimit -Hn)", "nproc=4096:4096"]
EOF
  export CONTAINERS_CONF=$work/containers.conf
  runs >/dev/null 2>&1 || echo -e '[engine]\nruntime = "runc"' >>"$CONTAINERS_CONF"
  if ! runs >/dev/null 2>&1; then
    say "skipped, Podman cannot run a container here: $words"
    exit
  fi
fi

"${own[@]}" system service --time 0 "unix://$work/podman.sock" 2>"$work/service.log" &
service=$!
until [[ -S $work/podman.sock ]]; do
  if ! kill -0 "$service"; then
    say "podman system service ended:"
    cat "$work/service.log"
    exit 1
  fi
  sleep 0.1
done
say "$(podman --version), as user $(id -un)"

projects=${TEST_PROJECTS-setup-login,parent,basic,goals,killed,port-taken,signal,topology,two-clusters}
DOCKER_HOST=unix://$work/podman.sock verify --projects slurm-cluster,slurm-maven-plugin --also-make \
  -Dspotless.check.skip "${ONLY_BUILDS[@]}" -Dit.test=DockerEngineIT "-Dinvoker.test=$projects" "$@"
