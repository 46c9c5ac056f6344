# shellcheck shell=bash
# Virtual machines to test on, as users have them: systemd, cgroup v2, AppArmor, newer engines. To be
# sourced by bash after engine.sh.
#
#   vm_work                    a directory for this run, set by the script that sources this one
#   vm_choose MACHINE          debian-13, debian-14 or arm64; sets vm_suite, vm_architecture and
#                              vm_processor
#   vm_is_foreign              whether it is of another processor than this machine
#   vm_ensure_disk             makes the machine's disk, kernel and keys on first use
#   vm_disk NAME DIRECTORY     makes a disk that the machine mounts at /mnt/NAME, out of a directory
#   vm_start                   starts the machine and waits until SSH answers
#   vm_ssh USER COMMAND...     runs a command there, as root or ci
#   vm_end                     ends it; what it wrote to its disks is gone
#
# A disk is kept in ~/.cache/slurm-maven-plugin/vm. A machine reaches nothing but itself.
#
#   TIME_FACTOR  by how much each time limit is longer than on an idle machine of today; if it is not
#                set, 1 under KVM and 10 where the processor is emulated
#   VM_ACCEL     kvm or tcg; if it is not set, kvm where it runs the machine's kernel
#   VM_MEMORY    in MB; 6144 if it is not set

_vm_cache=${XDG_CACHE_HOME:-$HOME/.cache}/slurm-maven-plugin/vm

# An engine of each kind, what the project needs to be built, and what a server has.
_VM_PACKAGES=(apparmor ca-certificates crun dbus dbus-user-session default-jdk-headless docker-cli
  docker.io fuse-overlayfs initramfs-tools iproute2 iptables maven netavark openssh-server passt podman
  procps python3-minimal systemd systemd-sysv uidmap udev xz-utils)

_vm_say() { echo "vm.sh: $*" >&2; }

vm_choose() { # machine
  vm_machine=$1
  case $1 in
    debian-13) vm_suite=trixie vm_architecture=amd64 ;;
    debian-14) vm_suite=forky vm_architecture=amd64 ;;
    arm64) vm_suite=trixie vm_architecture=arm64 ;;
    *)
      _vm_say "there is no machine '$1': use debian-13, debian-14 or arm64"
      return 1
      ;;
  esac
  case $vm_architecture in
    amd64)
      vm_processor=x86_64
      _VM_PACKAGES+=(nftables) # what Podman of Debian 14 makes networks with
      _vm_qemu=(qemu-system-x86_64 -machine q35)
      _vm_qemu_package=qemu-system-x86
      _vm_cpu=max
      _vm_console=ttyS0
      ;;
    arm64)
      vm_processor=aarch64
      _vm_qemu=(qemu-system-aarch64 -machine virt)
      _vm_qemu_package=qemu-system-arm
      # The default's pointer authentication takes most of the time to emulate.
      _vm_cpu=max,pauth-impdef=on
      _vm_console=ttyAMA0
      ;;
  esac
  _vm_binfmt=/usr/lib/binfmt.d/qemu-$vm_processor.conf
}

# ---- the disk ------------------------------------------------------------------------------------

vm_ensure_tools() {
  local -a missing=()
  command -v "${_vm_qemu[0]}" >/dev/null || missing+=("$_vm_qemu_package")
  [[ -x /usr/sbin/debootstrap ]] || missing+=(debootstrap)
  [[ -x /usr/sbin/mke2fs ]] || missing+=(e2fsprogs)
  command -v ssh >/dev/null || missing+=(openssh-client)
  if vm_is_foreign && [[ ! -r $_vm_binfmt ]]; then
    missing+=(qemu-user-static)
  fi
  if ((${#missing[@]} == 0)); then
    return
  fi
  if ! _can_install; then
    _vm_say "missing for virtual machines: install ${missing[*]}"
    return 1
  fi
  _apt_install "${missing[@]}" || return
  hash -r
}

# A disk is named for all that it is made from, except what Debian has made of its packages since.
vm_ensure_disk() {
  local recipe work status=0
  vm_ensure_tools || return
  recipe=$({
    echo "$vm_suite $vm_architecture ${_VM_PACKAGES[*]}"
    declare -f _vm_bootstrap _vm_install_foreign _vm_settle
  } | sha256sum | cut -c -12)
  _vm_home=$_vm_cache/$vm_machine-$recipe
  if [[ -e $_vm_home/root.img ]]; then
    return
  fi
  mkdir -p "$_vm_cache" || return
  work=$(mktemp -d "$_vm_cache/.draft-XXXXXX") || return
  _vm_say "making the disk of $vm_machine (Debian $vm_suite, $vm_architecture): minutes, once"
  _vm_make_disk "$work" || status=$?
  if ((status == 0)); then
    rm -rf "$_vm_home"
    mv "$work/done" "$_vm_home" || status=$?
  fi
  _as_root rm -rf --one-file-system "$work"
  return $status
}

_vm_make_disk() { # work directory
  local root=$1/root home=$1/done
  mkdir "$home" || return
  ssh-keygen -q -t ed25519 -N '' -C test-vm -f "$home/key" || return
  if ! { _vm_bootstrap "$root" && _vm_settle "$root" "$home/key.pub"; } >"$1/log" 2>&1; then
    _vm_say "the machine's files cannot be made; the last lines:"
    tail -n 15 "$1/log" >&2
    return 1
  fi
  # shellcheck disable=SC2016 # to be expanded by the inner shell
  _as_root sh -c 'cat "$1"/boot/vmlinuz-* >"$2/kernel" && cat "$1"/boot/initrd.img-* >"$2/initrd"' sh \
    "$root" "$home" || return
  sed "s/^/* /" "$root/etc/ssh/ssh_host_ed25519_key.pub" >"$home/known_hosts" || return
  _as_root /usr/sbin/mke2fs -q -t ext4 -L root -d "$root" "$home/root.img" 14G || return
  _as_root chown "$(id -u):$(id -g)" "$home"/*
}

_vm_bootstrap() { # directory
  local mirror keyring proxy='' packages
  local -a foreign=()
  mirror=$(_debian_mirror) || return
  keyring=$(_debian_keyring) || return
  eval "$(apt-config shell proxy Acquire::http::Proxy)"
  packages=$(IFS=,; echo "${_VM_PACKAGES[*]}")
  if vm_is_foreign; then
    foreign=(--foreign)
  fi
  # Newer suites prefer dracut, which conflicts with initramfs-tools; debootstrap would take both.
  {
    cat "$(_debootstrap_script "$vm_suite")"
    # shellcheck disable=SC2016 # to be expanded by debootstrap
    echo 'EXCLUDE_DEPENDENCY="$EXCLUDE_DEPENDENCY dracut"'
  } >"$1.script" || return
  _as_root env ${proxy:+http_proxy="$proxy"} PATH="$PATH:/usr/sbin:/sbin" \
    debootstrap "${foreign[@]}" --variant=minbase --force-check-gpg --keyring="$keyring" --arch="$vm_architecture" \
    --include="$packages,linux-image-cloud-$vm_architecture" \
    "$vm_suite" "$1" "$mirror" "$1.script" || return
  if vm_is_foreign; then
    _vm_install_foreign "$1"
  fi
}

vm_is_foreign() { [[ $vm_architecture != "$(dpkg --print-architecture)" ]]; }

# Installs the packages of another processor with its own programs, in the emulator. What needs none of these
# programs is done outside the emulator, in a tenth of the time.
_vm_install_foreign() { # directory
  # shellcheck disable=SC2016 # to be expanded by the inner shell
  _as_root sh -euc '
    cd "$1"
    if [ -L proc ]; then # to the one of this machine
      rm proc
      mkdir proc
    fi
    # Devices cannot be made in a user namespace.
    for device in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0 console:5:1 ptmx:5:2; do
      [ -e "dev/${device%%:*}" ] || mknod -m 666 "dev/${device%%:*}" c $(echo "${device#*:}" | tr : " ")
    done
    # debootstrap goes through the descriptions of all packages of Debian again and again.
    for list in var/lib/apt/lists/*_Packages; do
      awk "NR == FNR { wanted[\$1]; next } /^Package: / { found = \$2 in wanted } found" \
        debootstrap/debpaths "$list" >"$list.new"
      mv "$list.new" "$list"
    done
    for package in var/cache/apt/archives/*.deb; do
      dpkg-deb --raw-extract "$package" unpacked
      dpkg-deb -Znone --build unpacked "$package" >/dev/null
      rm -r unpacked
    done
    mkdir -p etc/dpkg/dpkg.cfg.d
    echo force-unsafe-io >etc/dpkg/dpkg.cfg.d/vm' sh "$1" || return
  _vm_chroot "$1" env container=lxc /debootstrap/debootstrap --second-stage
}

# Runs a command in the machine's files. QEMU runs the programs of another processor. It is registered with the
# kernel (binfmt_misc) in a user namespace of its own, which Linux 6.7 can do, so that this machine does not change.
_vm_chroot() { # directory, command...
  if vm_is_foreign; then
    _as_root bash -c "$(declare -f _vm_emulated); _vm_emulated \"\$@\"" bash "$_vm_binfmt" "$@"
  else
    _as_root chroot "$@"
  fi
}

_vm_emulated() { # description for binfmt_misc, directory, command...
  local inner
  # shellcheck disable=SC2016 # to be expanded by the inner shell
  unshare --user --mount --pid --fork --kill-child bash -euc '
    until read -r _ </proc/self/gid_map; do sleep 0.1; done
    description=$1
    shift
    mkdir -p "$1/mnt"
    mount -t binfmt_misc none "$1/mnt"
    cat "$description" >"$1/mnt/register"
    mount -t proc proc "$1/proc"
    exec chroot "$@"' bash "$@" <&0 &
  inner=$!
  until [[ $(readlink "/proc/$inner/ns/user") != "$(readlink /proc/self/ns/user)" ]]; do
    sleep 0.1
  done
  echo '0 0 65536' >"/proc/$inner/uid_map"
  echo '0 0 65536' >"/proc/$inner/gid_map"
  wait "$inner"
}

# The user ci may use Docker and has a session of his own, as on a developer's machine. What Debian
# does from time to time is off: it would make the machine busy, and change its units.
_vm_settle() { # directory, public key
  local root=$1 key
  key=$(cat "$2") || return
  _vm_chroot "$root" /bin/bash -euxs "$key" <<'SETTLE'
echo vm >/etc/hostname
printf '%s\n' '127.0.0.1 localhost' '127.0.1.1 vm' '::1 localhost' >/etc/hosts
echo 'LABEL=root / ext4 defaults 0 1' >/etc/fstab
printf '%s\n' '[Match]' 'Name=en* eth*' '[Network]' 'DHCP=yes' >/etc/systemd/network/vm.network
echo 'nameserver 10.0.2.3' >/etc/resolv.conf
useradd --create-home --shell /bin/bash --groups docker ci
for home in /root /home/ci; do
  install -d -m 700 $home/.ssh
  echo "$1" >$home/.ssh/authorized_keys
done
chown -R ci:ci /home/ci
mkdir -p /var/lib/systemd/linger
touch /var/lib/systemd/linger/ci /var/lib/systemd/linger/root
systemctl enable systemd-networkd ssh docker containerd
systemctl mask apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer fstrim.timer \
  dpkg-db-backup.timer man-db.timer logrotate.timer systemd-tmpfiles-clean.timer \
  systemd-networkd-wait-online.service
systemctl --global enable podman.socket
apt-get clean
rm -rf /var/lib/apt/lists/*
SETTLE
}

# The machine's next disk, out of a directory; its files may be changed there.
vm_disk() { # name, directory
  local image=${vm_work:?}/$1.img megabytes
  megabytes=$(du -sm "$2" | cut -f 1) || return
  /usr/sbin/mke2fs -q -t ext4 -L "$1" -d "$2" "$image" "$((megabytes * 3 / 2 + 512))M" || return
  _vm_disks+=(-drive "file=$image,format=raw,if=virtio,snapshot=on,cache=unsafe")
}

# ---- the machine ---------------------------------------------------------------------------------

# Whether KVM runs the machine's kernel: until that finds no disk to go on with. There are machines
# with a /dev/kvm for kernels of a special kind only.
_vm_kvm_runs_kernel() {
  local deadline=$((SECONDS + 60)) log=$vm_work/kvm.log probe
  [[ -w /dev/kvm ]] || return
  case $vm_architecture-$(uname -m) in
    amd64-x86_64 | arm64-aarch64) ;;
    *) return 1 ;;
  esac
  "${_vm_qemu[@]}" -accel kvm -cpu host -m 512 -nic none -display none -monitor none \
    -serial "file:$log" -no-reboot -kernel "$_vm_home/kernel" \
    -append "console=$_vm_console panic=-1" </dev/null >"$log.errors" 2>&1 &
  probe=$!
  until grep -qs 'Unable to mount root' "$log"; do
    if ! kill -0 $probe 2>/dev/null || grep -qs 'KVM internal error' "$log.errors" ||
      ((SECONDS >= deadline)); then
      kill $probe 2>/dev/null || true
      wait $probe || true
      return 1
    fi
    sleep 0.2
  done
  wait $probe || true
}

vm_start() {
  local attempt deadline
  if [[ -z ${VM_ACCEL-} ]]; then
    VM_ACCEL=tcg
    if _vm_kvm_runs_kernel; then
      VM_ACCEL=kvm
    fi
  fi
  case $VM_ACCEL in
    kvm) : "${TIME_FACTOR:=1}" ;;
    *) : "${TIME_FACTOR:=10}" ;;
  esac
  _vm_say "starting $vm_machine ($VM_ACCEL, time limits times $TIME_FACTOR; console: $vm_work/console.log)"
  for attempt in {1..20}; do
    vm_port=$((20000 + RANDOM % 10000))
    _vm_run &
    _vm_pid=$!
    deadline=$((SECONDS + 180 * TIME_FACTOR))
    until vm_ssh root true 2>/dev/null; do
      if ! kill -0 $_vm_pid 2>/dev/null; then
        if grep -q 'host forwarding' "$vm_work/qemu.log" && ((attempt < 20)); then
          continue 2 # the port is another program's
        fi
        _vm_say "the machine ended: $(tail -n 3 "$vm_work/qemu.log" "$vm_work/console.log")"
        return 1
      fi
      if ((SECONDS >= deadline)); then
        _vm_say "SSH does not answer; the console's last lines:"
        tail -n 15 "$vm_work/console.log" >&2
        return 1
      fi
      sleep 1
    done
    return
  done
}

# In this shell's stead: its process is QEMU's.
_vm_run() {
  local cpu=$_vm_cpu options="root=LABEL=root console=$_vm_console"
  case $VM_ACCEL in
    kvm) cpu=host ;;
    *) options+=" mitigations=off systemd.default_timeout_start_sec=$((90 * TIME_FACTOR))" ;;
  esac
  TMPDIR=$vm_work exec nice -n 5 "${_vm_qemu[@]}" -accel "$VM_ACCEL" -cpu "$cpu" -smp 2 \
    -m "${VM_MEMORY:-6144}" -display none -monitor none -serial "file:$vm_work/console.log" -no-reboot \
    -kernel "$_vm_home/kernel" -initrd "$_vm_home/initrd" \
    -append "$options" \
    -drive "file=$_vm_home/root.img,format=raw,if=virtio,snapshot=on,cache=unsafe" "${_vm_disks[@]}" \
    -device virtio-rng-pci -device virtio-net-pci,netdev=net \
    -netdev "user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:$vm_port-:22" \
    </dev/null >"$vm_work/qemu.log" 2>&1
}

vm_ssh() { # user, command...
  local user=$1
  shift
  ssh -q -F /dev/null -i "$_vm_home/key" -o IdentitiesOnly=yes -o BatchMode=yes -o ConnectTimeout=30 \
    -o UserKnownHostsFile="$_vm_home/known_hosts" -o StrictHostKeyChecking=yes \
    -o HostKeyAlgorithms=ssh-ed25519 -o ServerAliveInterval=60 -o ServerAliveCountMax=10 \
    -p "$vm_port" "$user@127.0.0.1" "$@"
}

vm_end() {
  if [[ -n ${_vm_pid-} ]]; then
    kill "$_vm_pid" 2>/dev/null || true
    wait "$_vm_pid" 2>/dev/null || true
    _vm_pid=
  fi
}

_vm_disks=()
