# shellcheck shell=bash
# Sets up what the build needs and the machine lacks. To be sourced by bash.
#
#   engine_answers             whether there is a Docker engine that answers
#   ensure_docker              a Docker engine that answers
#   ensure_base_image NAME...  local images such as debian:trixie-slim, debian:12-slim, registry:2
#   ensure_compose             prints the path of a Compose v2 program
#   ensure_java_maven          JDK 17 and Maven 3.6.3, or newer
#   ensure_bundle_tools [PROCESSOR]
#                              what slurm-embedded/build-bundle.sh needs to work without Docker, for
#                              this machine's processor or the other one (x86_64, aarch64)
#   ensure_test_engine         Java, Maven, Docker, and the base images of all tests (TEST_IMAGES)
#   ensure_tmux                tmux, with which tests play a person at a terminal
#
# Each does nothing where there is nothing to do, says what it does on standard error, and returns
# non-zero with a message that names what to install where it cannot help. Packages are installed
# on Debian and its descendants only, as root or through sudo.

_say() { echo "engine.sh: $*" >&2; }

_as_root() {
  if ((EUID == 0)); then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    _say "root is needed for: $*"
    return 1
  fi
}

_can_install() { command -v apt-get >/dev/null && { ((EUID == 0)) || command -v sudo >/dev/null; }; }

_apt_update() {
  if [[ -z ${_apt_updated-} ]]; then
    _as_root apt-get update -qq >&2 || return
    _apt_updated=yes
  fi
}

_apt_install() { # packages...
  _apt_update || return
  _say "installing $*"
  _as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes \
    --no-install-recommends -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 "$@" >/dev/null
}

_package_exists() { [[ -n $(apt-cache madison "$1" 2>/dev/null) ]]; }

# The first Debian archive among the machine's own apt sources.
_debian_mirror() {
  local mirror
  mirror=$(_known_debian_mirror) || return
  if [[ -z $mirror ]]; then
    _apt_update || return # the sources' descriptions are not there before
    mirror=$(_known_debian_mirror) || return
  fi
  if [[ $mirror != http*://* ]]; then
    _say "apt's sources name no Debian archive by http or https (found '$mirror')"
    return 1
  fi
  echo "$mirror"
}

_known_debian_mirror() {
  # shellcheck disable=SC2016 # apt's own variables
  apt-get indextargets --format '$(REPO_URI)' \
    'Created-By: Packages' 'Origin: Debian' 'Label: Debian' | awk 'NR == 1'
}

# The archive of Debian's security updates, or nothing where the machine has none.
_debian_security_mirror() {
  # shellcheck disable=SC2016 # apt's own variables
  apt-get indextargets --format '$(REPO_URI)' \
    'Created-By: Packages' 'Origin: Debian' 'Label: Debian-Security' | awk 'NR == 1'
}

_debian_keyring() {
  local keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  if [[ ! -r $keyring ]]; then
    _apt_install debian-archive-keyring || return
  fi
  echo "$keyring"
}

# ---- Docker --------------------------------------------------------------------------------------

engine_answers() {
  if command -v docker >/dev/null; then
    docker version >/dev/null 2>&1
  else
    [[ -z ${DOCKER_HOST-} ]] && command -v curl >/dev/null &&
      curl --silent --fail --max-time 5 --unix-socket /var/run/docker.sock \
        http://localhost/_ping >/dev/null 2>&1
  fi
}

# dockerd needs a mounted cgroup hierarchy whose controllers it may hand on, which an init system
# provides, but not every container or minimal virtual machine.
_prepare_cgroups() {
  local root=/sys/fs/cgroup
  if ! grep -q " $root" <(awk '$3 ~ /^cgroup2?$/ { print " " $2 }' /proc/mounts); then
    _say "mounting cgroup v2 on $root"
    _as_root mount -t cgroup2 cgroup2 "$root" || return
  fi
  # Only cgroups below the root have this file: we are in a container, in a cgroup of its own. With
  # processes in it, its controllers cannot be handed on, so the processes have to move.
  if [[ -e $root/cgroup.type && ! -d $root/init ]]; then
    # shellcheck disable=SC2016 # to be expanded by the inner shell
    _as_root sh -c '
      mkdir "$1/init"
      while read -r pid; do echo "$pid" >"$1/init/cgroup.procs"; done <"$1/cgroup.procs" 2>/dev/null
      for controller in $(cat "$1/cgroup.controllers"); do
        echo "+$controller" >"$1/cgroup.subtree_control"
      done' sh "$root" || return
  fi
}

# A killed engine leaves its pid files. If another process has that id now, or the dead process is a zombie, a
# new engine believes that the old one still runs.
_forget_dead() { # pid file, command
  local pid state
  pid=$(cat "$1" 2>/dev/null) || return 0
  state=$(sed -n 's/^State:[[:space:]]*\(.\).*/\1/p' "/proc/$pid/status" 2>/dev/null) || true
  if [[ -z $state || $state == Z || $(cat "/proc/$pid/comm" 2>/dev/null) != "$2" ]]; then
    _as_root rm -f "$1"
  fi
}

_start_dockerd() {
  local log pid deadline
  if [[ -d /run/systemd/system ]]; then
    _say "starting the docker service"
    _as_root systemctl start docker || return
    log="journalctl -u docker"
    pid=
  else
    _prepare_cgroups || return
    _forget_dead /var/run/docker.pid dockerd
    _forget_dead /var/run/docker/containerd/containerd.pid containerd
    log=$(mktemp "${XDG_RUNTIME_DIR:-/tmp}/dockerd-XXXXXX.log") || return
    _say "starting dockerd (log: $log)"
    # The socket belongs to our group, so that the engine also serves a user who has sudo.
    _as_root setsid dockerd --group "$(id -gn)" </dev/null >"$log" 2>&1 &
    pid=$!
  fi
  deadline=$((SECONDS + 60))
  until engine_answers; do
    if [[ -n $pid ]] && ! kill -0 "$pid" 2>/dev/null; then
      _say "dockerd ended; its last lines:"
      tail -n 15 "$log" >&2
      return 1
    fi
    if ((SECONDS >= deadline)); then
      _say "the Docker engine does not answer after 60 s; see: $log"
      return 1
    fi
    sleep 0.1
  done
  if [[ -n $pid ]]; then
    disown "$pid" 2>/dev/null || true
  fi
}

ensure_docker() {
  local -a packages=()
  if engine_answers; then
    _say "the Docker engine answers"
    return
  fi
  if [[ -n ${DOCKER_HOST-} ]]; then
    _say "no Docker engine answers at DOCKER_HOST=$DOCKER_HOST: start it, or unset DOCKER_HOST"
    return 1
  fi
  if [[ -S /var/run/docker.sock && ! -w /var/run/docker.sock ]]; then
    _say "$(id -un) may not use /var/run/docker.sock: add the user to the socket's group" \
      "($(stat -c %G /var/run/docker.sock)) and log in again"
    return 1
  fi
  if ! command -v dockerd >/dev/null && [[ ! -x /usr/sbin/dockerd ]]; then
    if ! _can_install; then
      _say "no Docker engine answers, and none can be installed from here: install Docker" \
        "(https://docs.docker.com/engine/install/) and start it"
      return 1
    fi
    _apt_update || return
    packages=(docker.io iptables ca-certificates)
    # A package of its own since Debian 13.
    if ! command -v docker >/dev/null && _package_exists docker-cli; then
      packages+=(docker-cli)
    fi
    if [[ $(cat /sys/module/apparmor/parameters/enabled 2>/dev/null) == Y ]]; then
      packages+=(apparmor)
    fi
    _apt_install "${packages[@]}" || return
    hash -r
  fi
  engine_answers || _start_dockerd || return
  _say "the Docker engine answers"
}

# ---- base images ---------------------------------------------------------------------------------

_debian_suite() { # image name
  local repository=${1%%:*} tag=${1#*:}
  if [[ $1 != *:* || ${repository##*/} != debian ]]; then
    _say "$1 cannot be pulled, and only debian:<suite> and registry:2 can be made here"
    return 1
  fi
  tag=${tag%-slim}
  case $tag in
    11) echo bullseye ;;
    12) echo bookworm ;;
    13) echo trixie ;;
    14) echo forky ;;
    *[!a-z]*)
      _say "$1 cannot be pulled, and no Debian suite is known for its tag"
      return 1
      ;;
    *) echo "$tag" ;;
  esac
}

# How to make a suite: one that is newer than debootstrap is made as unstable.
_debootstrap_script() { # suite
  local scripts=/usr/share/debootstrap/scripts
  if [[ -e $scripts/$1 ]]; then
    echo "$scripts/$1"
  else
    echo "$scripts/sid"
  fi
}

_debootstrap_import() { # image name, suite, mirror, keyring, directory
  local proxy='' log=$5/log root=$5/root
  eval "$(apt-config shell proxy Acquire::http::Proxy)"
  if ! _as_root env ${proxy:+http_proxy="$proxy"} PATH="$PATH:/usr/sbin:/sbin" \
    debootstrap --variant=minbase --force-check-gpg --keyring="$4" "$2" "$root" "$3" \
    "$(_debootstrap_script "$2")" >"$log" 2>&1; then
    _say "debootstrap of $2 failed; its last lines:"
    tail -n 15 "$log" >&2
    return 1
  fi
  _as_root tar -C "$root" --numeric-owner --one-file-system \
    --exclude='./dev/*' --exclude='./proc/*' --exclude='./sys/*' \
    --exclude='./var/cache/apt/archives/*.deb' --exclude='./var/cache/apt/*.bin' \
    --exclude='./var/lib/apt/lists/*' --exclude='./var/log/*.log' \
    -c . | docker import --change 'CMD ["bash"]' - "$1" >/dev/null
}

_bootstrap_image() { # image name, suite, mirror, keyring
  local directory status=0
  directory=$(mktemp -d) || return
  _say "making $1 with debootstrap ($2)"
  _debootstrap_import "$@" "$directory" || status=$?
  _as_root rm -rf --one-file-system "$directory"
  return $status
}

# Debian's registry in the place of the image that cannot be pulled: same port, directory, location
# of the configuration and REGISTRY_* environment; no shell.
_build_registry() { # image name
  local base=debian:12-slim log status=0
  ensure_base_image "$base" || return
  log=$(mktemp) || return
  _say "making $1 from Debian's docker-registry"
  docker build --tag "$1" --build-arg BASE_IMAGE="$base" - >"$log" 2>&1 <<'EOF' || status=$?
ARG BASE_IMAGE
FROM ${BASE_IMAGE} AS build
RUN set -eu; \
    apt-get update -qq; \
    apt-get install -qq --yes --no-install-recommends docker-registry ca-certificates; \
    install -D /usr/bin/docker-registry /image/bin/registry; \
    install -D /etc/ssl/certs/ca-certificates.crt /image/etc/ssl/certs/ca-certificates.crt; \
    ldd /usr/bin/docker-registry | grep -o '/[^ ]*' | xargs -I{} install -D {} /image{}; \
    mkdir -p /image/etc/docker/registry /image/tmp; \
    printf '%s\n' 'version: 0.1' \
        'storage: { filesystem: { rootdirectory: /var/lib/registry } }' \
        'http: { addr: ":5000" }' > /image/etc/docker/registry/config.yml
FROM scratch
COPY --from=build /image /
VOLUME /var/lib/registry
EXPOSE 5000
ENTRYPOINT ["/bin/registry", "serve"]
CMD ["/etc/docker/registry/config.yml"]
EOF
  if ((status)); then
    _say "building $1 failed; its last lines:"
    tail -n 15 "$log" >&2
  fi
  rm -f "$log"
  return $status
}

_pull() { # image name
  _say "pulling $1"
  docker pull --quiet "$1" >/dev/null 2>&1
}

_bootstrap_images() { # image names, all of Debian
  local image mirror keyring status=0
  local -A jobs=() suites=()
  for image in "$@"; do
    suites[$image]=$(_debian_suite "$image") || return
  done
  if ! _can_install; then
    _say "cannot be pulled, nor made from Debian's packages here: $*;" \
      "pull or load them by other means"
    return 1
  fi
  mirror=$(_debian_mirror) || return
  keyring=$(_debian_keyring) || return
  if [[ ! -x /usr/sbin/debootstrap ]]; then
    _apt_install debootstrap || return
  fi
  for image in "$@"; do
    _bootstrap_image "$image" "${suites[$image]}" "$mirror" "$keyring" &
    jobs[$image]=$!
  done
  for image in "$@"; do
    wait "${jobs[$image]}" || status=1
  done
  return $status
}

ensure_base_image() { # image names...
  local image registry=
  local -a unavailable=()
  local -A jobs=()
  if ! command -v docker >/dev/null; then
    _say "no docker command: base images are left for the build to pull"
    return
  fi
  for image in "$@"; do
    if ! docker image inspect "$image" >/dev/null 2>&1; then
      _pull "$image" &
      jobs[$image]=$!
    fi
  done
  for image in "${!jobs[@]}"; do
    if wait "${jobs[$image]}"; then
      continue
    elif [[ $image == registry:2 ]]; then
      registry=$image
    else
      unavailable+=("$image")
    fi
  done
  if ((${#unavailable[@]})); then
    _bootstrap_images "${unavailable[@]}" || return
  fi
  if [[ -n $registry ]]; then
    _build_registry "$registry" || return
  fi
}

# ---- Compose -------------------------------------------------------------------------------------

_compose_from_debian() { # directory to put it in
  local mirror keyring work status=0
  if ! command -v apt-get >/dev/null; then
    _say "Docker Compose v2 is missing: install it (https://docs.docker.com/compose/install/)"
    return 1
  fi
  mirror=$(_debian_mirror) || return
  keyring=$(_debian_keyring) || return
  mkdir -p "$1" || return
  work=$(mktemp -d "$1/.fetch-XXXXXX") || return
  _say "fetching Docker Compose from Debian 13"
  _compose_unpack "$1" "$mirror" "$keyring" "$work" || status=$?
  rm -rf "$work"
  return $status
}

_compose_unpack() { # directory, mirror, keyring, work directory
  local work=$4 program
  mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/root" || return
  echo "deb [signed-by=$3] $2 trixie main" >"$work/sources.list" || return
  : >"$work/status"
  local -a apt=(apt-get -qq
    -o Dir::Etc::SourceList="$work/sources.list" -o Dir::Etc::SourceParts=/dev/null
    -o Dir::State="$work" -o Dir::State::Lists="$work/lists" -o Dir::State::Status="$work/status"
    -o Dir::Cache="$work/cache" -o APT::Sandbox::User="$(id -un)")
  "${apt[@]}" -o APT::Update::Error-Mode=any update >&2 || return
  (cd "$work" && "${apt[@]}" download docker-compose >&2) || return
  dpkg-deb -x "$work"/docker-compose_*.deb "$work/root" || return
  program=$(find "$work/root" -type f -name docker-compose -perm -u+x -print -quit)
  if [[ -z $program ]]; then
    _say "Debian 13's docker-compose package holds no docker-compose program"
    return 1
  fi
  mv "$program" "$1/docker-compose"
}

_is_compose() { # path
  [[ -n $1 && -x $1 ]] && [[ $("$1" version --short 2>/dev/null) =~ ^v?([0-9]+)\. ]] &&
    ((BASH_REMATCH[1] >= 2))
}

ensure_compose() {
  local directory=${XDG_CACHE_HOME:-$HOME/.cache}/slurm-maven-plugin/compose candidate
  if command -v docker >/dev/null && docker compose version >/dev/null 2>&1; then
    candidate=$(docker info --format \
      '{{range .ClientInfo.Plugins}}{{if eq .Name "compose"}}{{.Path}}{{end}}{{end}}' 2>/dev/null)
    if _is_compose "$candidate"; then
      echo "$candidate"
      return
    fi
  fi
  candidate=$(command -v docker-compose || true)
  if _is_compose "$candidate"; then
    echo "$candidate"
    return
  fi
  candidate=$directory/docker-compose
  if ! _is_compose "$candidate"; then
    _compose_from_debian "$directory" || return
    if ! _is_compose "$candidate"; then
      _say "$candidate does not run here: install Docker Compose v2" \
        "(https://docs.docker.com/compose/install/)"
      return 1
    fi
  fi
  echo "$candidate"
}

# ---- Java and Maven ------------------------------------------------------------------------------

# A JDK, not just a JRE: javac shows the difference.
_java_suffices() {
  local javac=javac
  if [[ -n ${JAVA_HOME-} ]]; then
    javac=$JAVA_HOME/bin/javac
  fi
  [[ $("$javac" -version 2>&1) =~ ^javac\ ([0-9]+) ]] && ((BASH_REMATCH[1] >= 17))
}

_maven_suffices() {
  local version
  version=$(mvn --version 2>/dev/null | sed -n 's/.*Apache Maven \([0-9.]*\).*/\1/p') || return
  [[ -n $version ]] && printf '%s\n' 3.6.3 "$version" | sort --version-sort --check=quiet
}

ensure_java_maven() {
  local -a packages=()
  if ! _java_suffices; then
    if [[ -n ${JAVA_HOME-} ]]; then
      _say "JAVA_HOME=$JAVA_HOME is not a JDK 17 or newer: let it name one, or unset it"
      return 1
    fi
    packages+=(jdk)
  fi
  # Without Java, mvn cannot print its version. Until Java is there, it is enough that mvn exists.
  if ((${#packages[@]})) && command -v mvn >/dev/null; then
    :
  elif ! _maven_suffices; then
    packages+=(maven)
  fi
  if ((${#packages[@]} == 0)); then
    return
  fi
  if ! _can_install; then
    _say "missing: JDK 17 or newer, or Maven 3.6.3 or newer: install them" \
      "(https://adoptium.net, https://maven.apache.org/download.cgi)"
    return 1
  fi
  _apt_update || return
  if [[ ${packages[0]} == jdk ]]; then
    packages[0]=default-jdk-headless
    if _package_exists openjdk-17-jdk-headless; then
      packages[0]=openjdk-17-jdk-headless
    fi
  fi
  _apt_install "${packages[@]}" || return
  hash -r
  if ! _java_suffices; then
    _say "javac is still not 17 or newer: $(command -v javac || echo none found);" \
      "let JAVA_HOME name a JDK 17 or newer"
    return 1
  fi
  if ! _maven_suffices; then
    _say "mvn is still not 3.6.3 or newer: $(command -v mvn || echo none found)"
    return 1
  fi
}

# ---- all that tests need -------------------------------------------------------------------------

TEST_IMAGES=(debian:trixie-slim debian:12-slim debian:forky-slim registry:2)

ensure_test_engine() {
  ensure_java_maven && ensure_docker && ensure_base_image "${TEST_IMAGES[@]}"
}

# ---- the bundle of Slurm's programs --------------------------------------------------------------

# The packages of Debian that are missing for it, in one line; fails on other systems.
missing_bundle_tools() { # processor
  local package architecture
  local -a missing=() compiler=(gcc libc6-dev)
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null &&
    [[ -n $(_known_debian_mirror) ]] || return
  case ${1-} in
    x86_64) architecture=amd64 ;;
    aarch64) architecture=arm64 ;;
    *) architecture=$(dpkg --print-architecture) ;;
  esac
  if [[ $(dpkg --print-architecture) != "$architecture" ]]; then
    compiler=("gcc-${1//_/-}-linux-gnu" "libc6-dev-$architecture-cross")
  fi
  for package in debian-archive-keyring "${compiler[@]}" patchelf xz-utils; do
    if [[ $(dpkg-query --show --showformat '${db:Status-Status}' "$package" 2>/dev/null) != installed ]]; then
      missing+=("$package")
    fi
  done
  echo "${missing[*]}"
}

ensure_bundle_tools() { # processor
  local missing
  if _can_install && [[ -z $(_known_debian_mirror) ]]; then
    _apt_update || return # the sources' descriptions are not there before
  fi
  if ! missing=$(missing_bundle_tools "$@"); then
    _say "no Debian: the bundle of Slurm's programs is made with Docker, where there is one"
    return
  fi
  if [[ -z $missing ]]; then
    return
  fi
  if ! _can_install; then
    _say "missing for the bundle of Slurm's programs: install $missing"
    return 1
  fi
  # shellcheck disable=SC2086 # several words
  _apt_install $missing
}

# ---- tmux ----------------------------------------------------------------------------------------

ensure_tmux() {
  if command -v tmux >/dev/null; then
    return
  fi
  if ! _can_install; then
    _say "tmux is missing: install it (https://github.com/tmux/tmux/wiki/Installing)"
    return 1
  fi
  _apt_install tmux || return
  hash -r
}
