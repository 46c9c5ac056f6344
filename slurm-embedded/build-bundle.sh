#!/usr/bin/env bash
# Makes the bundles of a Slurm release out of Debian's packages: programs with every shared library that
# they need, able to run from any directory of any Linux, as any user. One has Slurm's and Munge's programs,
# the other slurmdbd, MariaDB and a database that Slurm's schema is in.
#
#   build-bundle.sh RELEASE DIRECTORY [PROCESSOR]
#
# puts slurm-RELEASE-linux-PROCESSOR.tar.xz and .properties into DIRECTORY, and the same two files of
# accounting-RELEASE-linux-PROCESSOR. PROCESSOR is x86_64 or aarch64; the default is this machine's. A bundle for the other one is made with a cross compiler,
# and its programs are tried where qemu-user-static is installed.
#
# With SLURM_SOURCE, an upstream source archive, RELEASE is one that Debian does not package, such as
# 25.11.4, and each bundle is in a jar, too, with a line that says how Maven finds it. Slurm is compiled
# in containers of the Docker engine, for this machine's processor.
#
# On Debian it needs the packages of ensure_bundle_tools (scripts/lib/engine.sh), elsewhere Docker.
# Where neither is there, or no package can be fetched, it says so in one line and succeeds without
# a bundle, unless PROCESSOR was given. The same packages, sources and tools give the same bytes, but for
# the database.
set -euo pipefail

# Debian's release with that Slurm.
declare -Ar SUITES=([22.05]=bookworm [24.11]=trixie [26.05]=forky)
# Debian's name of a processor.
declare -Ar ARCHITECTURES=([x86_64]=amd64 [aarch64]=arm64)
# base-files has the texts of the common licences.
declare -ar PACKAGES=(munge slurmctld slurmd slurm-client slurmrestd slurm-wlm-jwt-plugin base-files
  slurmdbd slurm-wlm-mysql-plugin mariadb-server-core)
# What the bundles are for, and the command with which a daemon of each tells its version.
declare -ar CONTENTS=(slurm accounting)
declare -Ar QUESTIONS=([slurm]='slurmctld -V' [accounting]='mariadbd --no-defaults -V')
declare -ar SLURM_PROGRAMS=(munge munged remunge unmunge slurmctld slurmd slurmstepd
  sacct sacctmgr salloc sattach sbatch sbcast scancel scontrol scrontab sdiag sinfo sprio squeue
  slurmrestd sreport srun sshare sstat strigger)
declare -ar ACCOUNTING_PROGRAMS=(slurmdbd mariadbd)
# slurmdbd has the others from Slurm's bundle.
declare -ar ACCOUNTING_PLUGINS=(accounting_storage_mysql.so)
# Other machines' hardware, MPI's own libraries, other ways in to slurmrestd than tokens, the database, and
# Slurm's own authentication, which wants to write below /run.
declare -ar UNWANTED_PLUGINS=('burst_buffer_*.so' '*_cray*.so' 'job_container_cncu.so'
  'gpu_nrt.so' 'switch_nvidia_imex.so' 'node_features_knl_*.so' 'acct_gather_energy_ibmaem.so'
  'acct_gather_energy_pm_counters.so' 'acct_gather_filesystem_lustre.so' 'mpi_pmix*.so'
  'libslurm_pmi.so' 'rest_auth_local.so' '*_mysql.so' 'auth_slurm.so')
# The unpacker overwrites it with the path of the bundle's own loader, which may be as long. The
# kernel takes 4095 bytes.
declare -ir LONGEST_INTERPRETER=1000
# Packages are looked up anew after so many minutes.
declare -ir LISTS_LAST=1440

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
declare -r HERE PROJECT=${HERE%/*}
declare -r IMAGES=slurm-cluster-images/src/main/resources/io/github/slurmmaven/images
declare -r NVIDIA_SMI=$IMAGES/rootfs/usr/local/libexec/nvidia-smi
declare -r CLOCK=$IMAGES/clock
declare -r MAKE_DATABASE=$IMAGES/accounting/make-database OPTIONS=$IMAGES/accounting/mariadbd.options
declare -r DEFINE_ACCOUNTS=$IMAGES/accounting/define-accounts
# Where the plugin looks for a bundle in a jar.
declare -r RESOURCES=io/github/slurmmaven/embedded

# shellcheck source=scripts/lib/engine.sh
source "$PROJECT/scripts/lib/engine.sh"

say() { echo "build-bundle.sh: $*" >&2; }

fail() {
  say "$@"
  exit 1
}

skip() {
  say "no bundles of Slurm $release for $processor: $*"
  exit "$required"
}

# All that goes into the bundles beside the packages, relative to the project.
sources() {
  (
    cd "$PROJECT"
    printf '%s\n' slurm-embedded/build-bundle.sh scripts/lib/engine.sh "$NVIDIA_SMI" LICENSE "$CLOCK"/* \
      "$MAKE_DATABASE" "$OPTIONS" "$DEFINE_ACCOUNTS" \
      slurm-embedded/src/main/c/*.c
  )
}

digest() { sha256sum | cut -c -16; }

sources_digest() { (cd "$PROJECT" && sources | xargs -d '\n' sha256sum); }

# ---- Debian's packages ---------------------------------------------------------------------------

# An apt of its own: nothing of the machine's packages counts, nothing is installed.
apt() {
  apt-get -qq -o Dir::Etc::SourceList="$state/sources.list" -o Dir::Etc::SourceParts=/dev/null \
    -o Dir::State="$state" -o Dir::State::Lists="$state/lists" -o Dir::State::Status="$state/status" \
    -o Dir::Cache="$state/cache" -o APT::Sandbox::User="$(id -un)" \
    -o APT::Architecture="$architecture" -o APT::Architectures="$architecture" \
    -o APT::Install-Recommends=false -o APT::Update::Error-Mode=any \
    -o Acquire::Check-Valid-Until=false \
    -o Acquire::Retries=2 -o Acquire::http::Timeout=20 "$@"
}

# Keeps what was looked up before when the archive does not answer.
look_up_packages() {
  local mirror security keyring
  if [[ -n $(find "$state/looked-up" -mmin "-$LISTS_LAST" 2>/dev/null) ]]; then
    return
  fi
  mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
  mirror=$(_debian_mirror) || skip "see above"
  keyring=$(_debian_keyring) || skip "see above"
  security=$(_debian_security_mirror)
  {
    echo "deb [signed-by=$keyring] $mirror $suite main"
    if [[ -n $security ]]; then
      echo "deb [signed-by=$keyring] $security $suite-security main"
    fi
    if [[ -n $compiled ]]; then
      echo "deb [trusted=yes] copy:$compiled ./"
    fi
  } >"$state/sources.list"
  : >"$state/status"
  if apt update >"$work/log" 2>&1; then
    touch "$state/looked-up"
  elif [[ ! -e $state/looked-up ]]; then
    skip "Debian's packages cannot be looked up: $(tail -n 1 "$work/log")"
  fi
}

# File and digest of each package that is needed, libraries of libraries included.
needed_packages() {
  local -r list=$state/needed-$(digest <<<"${PACKAGES[*]}")
  if [[ ! $list -nt $state/looked-up ]]; then
    mkdir -p "$work/none/partial" # what was fetched before has no URI
    apt -o Dir::Cache::Archives="$work/none" install --yes --print-uris "${PACKAGES[@]}" \
      2>"$work/log" | awk '{ print $2, $4 }' | sort >"$work/needed" || return
    mv "$work/needed" "$list"
  fi
  cat "$list"
}

# Unpacked below the root; who owns what is written down for the licences.
fetch_packages() {
  local package
  apt install --yes --download-only "${PACKAGES[@]}" >"$work/log" 2>&1 || return
  mkdir "$root"
  while read -r package _; do
    dpkg-deb --fsys-tarfile "$state/cache/archives/$package" |
      tar -C "$root" -xv --keep-directory-symlink --no-same-owner | sed "s|^\./|$package |" || return
  done <<<"$needed" >"$work/owners"
}

# ---- the bundle ----------------------------------------------------------------------------------

# Most functions here work on one bundle: content, bundle (its directory), loader and loader_name.
take() { # file of the packages, place in the bundle
  local file
  file=$(readlink -f "$1")
  install -D -m "$([[ -x $file ]] && echo 755 || echo 644)" "$file" "$bundle/$2"
  echo "${file#"$root"/}" >>"$work/$content.taken"
}

take_programs() { # names
  local program file
  for program in "$@"; do
    file=
    for file in "$root"/usr/{bin,sbin}/"$program"{,-wlm}; do
      if [[ -f $file ]]; then
        break
      fi
    done
    # scrontab came with 23.02's packages.
    if [[ -f $file ]]; then
      take "$file" "bin/$program"
    elif [[ $program != scrontab ]]; then
      fail "Debian's packages of Slurm $release have no $program"
    fi
  done
}

take_slurm() {
  local file pattern
  take_programs "${SLURM_PROGRAMS[@]}"
  for file in "$root/usr/lib/$multiarch/slurm-wlm"/*_*.so; do
    for pattern in "${UNWANTED_PLUGINS[@]}"; do
      # shellcheck disable=SC2053 # a pattern
      if [[ ${file##*/} == $pattern ]]; then
        continue 2
      fi
    done
    take "$file" "lib/slurm/${file##*/}"
  done
}

# mariadbd starts without a message in another language, and has the usual character sets built in.
take_accounting() {
  local plugin
  local -r share=share/mariadb
  take_programs "${ACCOUNTING_PROGRAMS[@]}"
  for plugin in "${ACCOUNTING_PLUGINS[@]}"; do
    take "$root/usr/lib/$multiarch/slurm-wlm/$plugin" "lib/slurm/$plugin"
  done
  take "$(find "$root"/usr/share/m[ay]* -path '*/english/errmsg.sys' -print -quit)" "$share/english/errmsg.sys"
  take "$(find "$root"/usr/share/m[ay]* -path '*/charsets/Index.xml' -print -quit)" "$share/charsets/Index.xml"
  install -D -m 644 "$PROJECT/$OPTIONS" "$bundle/share/slurm/mariadbd.options"
  install -m 755 "$PROJECT/$DEFINE_ACCOUNTS" "$bundle/share/slurm/define-accounts"
}

# The loader, and all libraries that the bundle's files need, those of libraries included. Nothing is
# run for it: the programs may be for another processor.
take_libraries() {
  local library directory path
  local -a wanted
  loader=$(find "$root/lib/$multiarch/" "$root/usr/lib/$multiarch/" -type f -name 'ld-linux-*' \
    -print -quit 2>/dev/null) || true
  [[ -f $loader ]] || fail "Debian's C library has no loader at the place where it was"
  take "$loader" "lib/${loader##*/}"
  # Slurm's commands in a job with the cluster's clock load libjobclock.so, which asks for libdl.so.2.
  mapfile -t wanted < <(needed_by "$bundle"/bin/* "$bundle"/lib/slurm/*.so; echo libdl.so.2)
  while ((${#wanted[@]})); do
    for library in "${wanted[@]}"; do
      path=
      for directory in "$root"/{usr/lib,lib}/"$multiarch" "$root/usr/lib/$multiarch/slurm-wlm"; do
        if [[ -f $directory/$library ]]; then
          path=$directory/$library
          break
        fi
      done
      [[ -n $path ]] || fail "the library $library is in none of the packages"
      take "$path" "lib/$library"
    done
    mapfile -t wanted < <(missing_libraries "$bundle"/lib/*.so*)
  done
}

# The libraries that files name (elf(5), DT_NEEDED).
needed_by() { # files
  local file
  for file in "$@"; do
    patchelf --print-needed "$file" || return
  done | sort -u
}

missing_libraries() { # files
  local library
  needed_by "$@" | while read -r library; do
    if [[ ! -e $bundle/lib/$library ]]; then
      echo "$library"
    fi
  done
}

# The interpreter of a program (elf(5), PT_INTERP) has no path relative to the program: it is put in
# when the bundle is unpacked. Everything else is found from where the file is.
relocate() {
  local file placeholder
  printf -v placeholder '%*s' $((LONGEST_INTERPRETER - ${#loader_name} - 1)) ''
  placeholder=${placeholder// //}/$loader_name
  compile_library "$HERE/src/main/c/loopback.c"
  compile_library "$PROJECT/$CLOCK/slurmclock.c"
  if [[ $content == slurm ]]; then
    compile_library "$HERE/src/main/c/otheruser.c"
    compile_job_library
  fi
  for file in "$bundle"/lib/*.so*; do
    # These two know where they are, and find nobody else.
    if [[ ${file##*/} != "$loader_name" && ${file##*/} != libc.so.6 ]]; then
      patchelf --force-rpath --set-rpath "\$ORIGIN" "$file"
    fi
  done
  for file in "$bundle"/lib/slurm/*.so; do
    patchelf --force-rpath --set-rpath "\$ORIGIN/.." "$file"
  done
  for file in "$bundle"/bin/*; do
    patchelf --force-rpath --set-rpath "\$ORIGIN/../lib" --set-interpreter "$placeholder" "$file"
    if [[ ${file##*/} == s* ]]; then
      patchelf --add-needed libloopback.so --add-needed libslurmclock.so "$file"
    fi
  done
  [[ $content != slurm ]] || patchelf --add-needed libotheruser.so "$bundle/bin/slurmrestd"
}

compile_library() { # source
  local name=${1##*/}
  name=lib${name%.c}.so
  "${compiler[@]}" -shared -fPIC -nostdlib -fvisibility=hidden "-Wl,-soname,$name" \
    -o "$bundle/lib/$name" "$1" "$bundle/lib/libc.so.6"
}

# What programs of jobs load is for the C library of this machine, whatever its release: it asks for no
# version of a function. A C library before 2.34 has dlsym in libdl.so.2, which later ones have empty.
compile_job_library() {
  "${compiler[@]}" -shared -nostdlib -Wl,-soname,libdl.so.2 -o "$work/libdl.so.2" -x c /dev/null
  mkdir -p "$bundle/libexec"
  "${compiler[@]}" -shared -fPIC -nostdlib -fno-stack-protector -U_FORTIFY_SOURCE -fvisibility=hidden \
    -Wl,-soname,libjobclock.so -Wl,-z,lazy -Wl,--no-as-needed -o "$bundle/libexec/libjobclock.so" \
    "$PROJECT/$CLOCK/jobclock.c" "$work/libdl.so.2"
}

# What a library looks for in the directories of this machine might be another release's. Slurm's plugins
# for scripts in Lua ask for liblua.so before the release of Lua that they were made for.
blind() {
  local file directory
  for file in "$bundle"/lib/liblua*.so.*; do
    [[ ! -f $file ]] || ln -s "${file##*/}" "$bundle/lib/liblua.so"
  done
  for file in "$bundle"/lib/libhwloc.so.*; do
    [[ -f $file ]] || continue
    directory=/usr/lib/$multiarch/hwloc
    grep -qaF "$directory" "$file" || fail "hwloc looks for its plugins at another place than it did"
    LC_ALL=C sed -i "s|$directory|/dev/null/${directory:10}|" "$file"
  done
}

# The source package of the C library that the helpers are linked with, as NAME=VERSION. One for
# cross compilers is built from another package's source, which it names.
libc_of_helpers() {
  # shellcheck disable=SC2016 # dpkg's own variables
  if [[ -n $cross ]]; then
    dpkg-query --show --showformat '${Built-Using}\n' "libc6-dev-$architecture-cross" |
      sed -n 's/.*\bglibc (= \([^)]*\)).*/glibc=\1/p'
  else
    dpkg-query --show --showformat '${source:Package}=${source:Version}\n' libc6-dev
  fi
}

compile_helpers() {
  local name
  mkdir -p "$bundle/libexec"
  for name in supervisor pty; do
    # Static: they start when there is no bundle to be found, and pass nothing on to others.
    if [[ -f $HERE/src/main/c/$name.c ]]; then
      "${compiler[@]}" -static -s -o "$bundle/libexec/slurm-$name" "$HERE/src/main/c/$name.c"
    fi
  done
  install -m 755 "$PROJECT/$NVIDIA_SMI" "$bundle/libexec/nvidia-smi"
}

# The licence of each package that gave a file, where its source is, and the same of ours.
document() {
  local file package
  install -D -m 644 "$PROJECT/LICENSE" "$bundle/share/licenses/slurm-maven-plugin/LICENSE"
  awk 'NR == FNR { owners[$2] = $1; next } !($1 in owners) { exit 1 } { print owners[$1] }' \
    "$work/owners" "$work/$content.taken" | sort -u >"$work/used" || fail "a file is from no package"
  while read -r file; do
    # shellcheck disable=SC2016 # dpkg's own variables
    dpkg-deb --showformat '${Package}\t${Version}\t${source:Package}\t${source:Version}\n' \
      --show "$state/cache/archives/$file"
  done <"$work/used" | sort >"$work/packages"
  {
    printf 'package\tversion\tsource package\tsource version\n'
    cat "$work/packages"
  } >"$bundle/PACKAGES"
  {
    echo "The programs and libraries of this bundle are Debian's ($suite, $architecture), changed in"
    echo "nothing but run paths, interpreters, the directory of hwloc's plugins if it is here, and"
    echo "lib/libloopback.so as one more library of Slurm's programs, lib/libotheruser.so of slurmrestd. PACKAGES lists the packages they are from,"
    echo "share/licenses has their licences. Their sources are these source packages, which Debian's"
    echo "snapshot archive keeps, and 'apt-get source NAME=VERSION' fetches:"
    echo
    cut -f 3,4 --output-delimiter='=' "$work/packages" | grep -v '^slurm=' | sort -u
    echo
    if [[ -n $compiled ]]; then
      echo "Slurm itself, the packages of the source package slurm, was compiled from its source archive"
      echo "${SLURM_SOURCE##*/}, whose SHA-256 is $(sha256sum "$SLURM_SOURCE" | cut -d ' ' -f 1),"
      echo "by $IMAGES/source/make-packages of the Slurm Maven plugin."
      echo
    fi
    if [[ $content == slurm ]]; then
      echo "lib/libloopback.so, lib/libotheruser.so and libexec/ are of the Slurm Maven plugin. The programs in libexec/ have parts"
      echo "of the C library in them, whose source package is:"
      echo
      libc_of_helpers
    else
      echo "lib/libloopback.so is of the Slurm Maven plugin. What is in share/slurm was made by these programs,"
      echo "with $MAKE_DATABASE of the Slurm Maven plugin."
    fi
  } >"$bundle/SOURCES"
  while IFS=$'\t' read -r package _; do
    file=$root/usr/share/doc/$package/copyright
    [[ -f $file ]] || fail "the package $package has no file of its licence"
    install -D -m 644 "$file" "$bundle/share/licenses/$package/copyright"
  done <"$work/packages"
  for file in "$root"/usr/share/common-licenses/*; do
    if [[ -f $file ]] &&
      grep -qrF "common-licenses/${file##*/}" "$bundle/share/licenses" --include copyright; then
      install -D -m 644 "$file" "$bundle/share/licenses/common-licenses/${file##*/}"
    fi
  done
}

# Each file of the bundle must find all of its libraries in the bundle.
check() {
  local file missing expected
  local -a files=("$bundle"/bin/* "$bundle"/lib/slurm/*.so "$bundle"/lib/*.so*)
  for file in "${files[@]}"; do
    missing=$(missing_libraries "$file")
    [[ -z $missing ]] || fail "${file##*/} does not find in the bundle:"$'\n'"$missing"
    case $file in
      "$bundle"/bin/*) expected="\$ORIGIN/../lib" ;;
      "$bundle"/lib/slurm/*) expected="\$ORIGIN/.." ;;
      */"$loader_name" | */libc.so.6) continue ;;
      *) expected="\$ORIGIN" ;;
    esac
    [[ $(patchelf --print-rpath "$file") == "$expected" ]] ||
      fail "${file##*/} looks for libraries in '$(patchelf --print-rpath "$file")'"
  done
}

# The same as the bundle's own loader finds it, and a program that runs.
try_programs() {
  local file foreign answer
  local -a question
  for file in "$bundle"/bin/* "$bundle"/lib/slurm/*.so; do
    foreign=$("${emulator[@]}" "$bundle/lib/$loader_name" --inhibit-cache --list "$file" 2>&1 |
      awk -v inside="$bundle/" -v loader="/$loader_name" '
        # Debian 12 shows the vDSO of QEMU without a name.
        $1 ~ /^linux-vdso/ || (NF == 1 && $1 ~ /^\(0x/) || /statically linked/ { next }
        $2 == "=>" && index($3, inside) == 1 { next }
        $2 ~ /^\(0x/ && substr($1, length($1) - length(loader) + 1) == loader { next }
        { print }')
    if [[ -n $foreign ]]; then
      fail "${file##*/} does not find in the bundle:"$'\n'"$foreign"
    fi
  done
  read -ra question <<<"${QUESTIONS[$content]}"
  answer=$("${emulator[@]}" "$bundle/lib/$loader_name" "$bundle/bin/${question[0]}" "${question[@]:1}") ||
    fail "${question[0]} of the bundle does not run"
  [[ $content != slurm || ${answer##* } == "$version" ]] ||
    fail "slurmctld of the bundle is '$answer', its package's version is $version"
}

# What a new cluster begins with. MariaDB's files are the same on both processors, so that those of this
# machine's bundle serve.
make_database() {
  local -r share=$bundle/share/slurm messages=$bundle/share/mariadb trial=$work/trial native=$work/native
  local each program
  if [[ $processor != "$(uname -m)" ]]; then
    "$HERE/build-bundle.sh" "$release" "$native" "$(uname -m)" ||
      fail "the database of $processor is that of $(uname -m), which cannot be made"
    tar -xJf "$native/accounting-$release-linux-$(uname -m).tar.xz" -C "$bundle" \
      ./share/slurm/{database,history}.sql ./share/slurm/database.tar.gz
    return
  fi
  for each in slurm/{munged,sacctmgr} accounting/{mariadbd,slurmdbd}; do
    program=${each#*/} each=${each%/*}
    mkdir -p "$trial/$each/bin"
    ln -sfn "$work/$each.bundle/lib" "$trial/$each/lib"
    patchelf --set-interpreter "$work/$each.bundle/lib/$loader_name" --output "$trial/$each/bin/$program" \
      "$work/$each.bundle/bin/$program"
  done
  PATH=$trial/slurm/bin:$trial/accounting/bin:$PATH SHARE=$root/usr/share \
    PLUGIN_DIR=$work/slurm.bundle/lib/slurm:$bundle/lib/slurm \
    bash "$PROJECT/$MAKE_DATABASE" "$share" --lc-messages-dir="$messages" \
    --character-sets-dir="$messages/charsets" || fail "the database of Slurm $release cannot be made"
}

pack() { # archive without its suffix
  local size
  find "$bundle" -exec touch -hcd @"$(date -ud "2000-01-01" +%s)" {} +
  tar -C "$bundle" --sort=name --owner=0 --group=0 --numeric-owner --format=gnu \
    --mode=go=u-w -c . |
    xz -T1 --format=xz --check=crc32 "${filter[@]}" --lzma2=preset=6 >"$1.tar.xz"
  size=$(du -sb "$bundle" | cut -f 1)
  {
    echo "release=$release"
    echo "version=$version"
    echo "platform=$platform"
    echo "sha256=$(sha256sum "$1.tar.xz" | cut -d ' ' -f 1)"
    echo "unpackedSize=$size"
  } >"$1.properties"
}

build() {
  local -a compiler=("$gcc" -std=gnu17 -O2 -Wall -Wextra -Werror "-ffile-prefix-map=$HERE=.")
  local -a emulator=()
  local content bundle loader loader_name version runs=yes
  version=$(sed -n 's/^slurmctld_\(1%3a\)\?\([^-_]*\)-.*/\2/p' <<<"$needed") # an epoch may come first
  [[ -z $compiled || $version == "$release" || $version == "$release".* ]] ||
    fail "SLURM_SOURCE=$SLURM_SOURCE has the sources of Slurm $version: name an archive of $release, or make the bundle of $version"
  if [[ $processor != "$(uname -m)" ]]; then
    if command -v "qemu-$processor-static" >/dev/null; then
      emulator=("qemu-$processor-static")
    else
      runs=
      say "the programs are not tried: there is no qemu-$processor-static (package qemu-user-static)"
    fi
  fi
  for content in "${CONTENTS[@]}"; do
    bundle=$work/$content.bundle
    "take_$content"
    take_libraries
    loader_name=${loader##*/}
    relocate
    blind
    [[ $content != slurm ]] || compile_helpers
    check
    [[ -z $runs ]] || try_programs
    [[ $content != accounting ]] || make_database
    document
    pack "$work/$content-$release-$platform"
  done
}

# ---- where to build ------------------------------------------------------------------------------

keep() { # key: what was made, for the next time
  local name
  mkdir -p "$cache/$1"
  for name in "${names[@]}"; do
    mv "$work/$name".* "$cache/$1/"
  done
}

kept() { # key: whether all of it was made
  local name
  for name in "${names[@]}"; do
    [[ -f $cache/$1/$name.properties ]] || return
  done
}

hand_over() { # key; what nobody asked for in a month goes
  local name
  mkdir -p "$directory"
  for name in "${names[@]}"; do
    cp "$cache/$1/$name".* "$directory/"
  done
  touch "$cache/$1"
  find "$cache" -mindepth 1 -maxdepth 1 -mtime +30 \( -name 'made-*' -o -name 'compiled-*' -o -name '.work-*' \) \
    -exec rm -rf {} +
}

choose_packages() {
  needed=$(needed_packages) || skip "Debian's $suite cannot give it: $(tail -n 1 "$work/log")"
  key=made-$release-$(
    {
      echo "$needed"
      sources_digest
      "$gcc" --version
      patchelf --version
      xz --version
      libc_of_helpers
    } | digest
  )
}

build_on_debian() {
  local needed key gcc=gcc
  local -r multiarch=$processor-linux-gnu root=$work/root
  local -r state=$cache/apt-$suite-$architecture${compiled:+-${compiled##*-}}
  local -a filter=(--x86)
  if [[ $processor == aarch64 ]]; then
    filter=() # the one for it is not in every xz
  fi
  if [[ -n $cross ]]; then
    gcc=$multiarch-gcc
  fi
  mkdir -p "$state"
  exec 9>"$state/lock"
  flock 9 # until we end
  look_up_packages
  choose_packages
  if ! kept "$key"; then
    say "making the bundles of Slurm $release for $processor"
    if ! fetch_packages; then
      rm -f "$state/looked-up" # the archive has newer ones by now
      look_up_packages
      choose_packages
      fetch_packages || skip "its packages cannot be fetched: $(tail -n 1 "$work/log")"
    fi
    build
    keep "$key"
  fi
  hand_over "$key"
}

# Which packages it is made of is not known out here: it counts for as long as a look-up does.
build_in_container() {
  local -r image=debian:$suite-slim
  local key
  key=made-container-$release-$processor-$(sources_digest | digest)
  if ! kept "$key" || [[ -z $(find "$cache/$key/${names[0]}.properties" -mmin "-$LISTS_LAST") ]]; then
    say "making the bundles of Slurm $release for $processor in a container of $image"
    # shellcheck disable=SC2016 # for the inner shell
    if ! sources | tar -C "$PROJECT" -c -T - | docker run --rm --interactive "$image" bash -euc '
      mkdir /project /bundle && cd /project && tar x
      source scripts/lib/engine.sh
      ensure_bundle_tools "$2" >&2
      slurm-embedded/build-bundle.sh "$1" /bundle "$2" >&2
      tar -C /bundle -c .' bash "$release" "$processor" >"$work/bundle.tar" 2>"$work/log" ||
      ! tar -C "$work" -xf "$work/bundle.tar" || [[ ! -f $work/${names[0]}.properties ]]; then
      skip "a container of $image cannot make it: $(tail -n 1 "$work/log")"
    fi
    keep "$key"
  fi
  hand_over "$key"
}

# ---- from source ---------------------------------------------------------------------------------

# The packages of a Slurm that Debian does not have, as the cluster's image has them.
compile_slurm() {
  local image container
  if [[ -f $compiled/Packages ]]; then
    touch "$compiled" # hand_over removes what nobody asked for in a month
    return
  fi
  ensure_base_image "debian:$suite-slim" || fail "its base image is missing, see above"
  say "compiling $SLURM_SOURCE in a container, which takes some minutes"
  cp "$PROJECT/$IMAGES"/source/* "$work"
  cp "$SLURM_SOURCE" "$work/archive"
  docker build --target source --build-arg BASE_IMAGE="debian:$suite-slim" --iidfile "$work/image" "$work" \
    >"$work/log" 2>&1 || fail "$SLURM_SOURCE cannot be compiled:"$'\n'"$(tail -n 15 "$work/log")"
  image=$(<"$work/image")
  container=$(docker create "$image" true)
  docker cp "$container:/usr/local/share/slurm/packages" "$work/compiled" >/dev/null
  mv "$work/compiled" "$compiled"
  touch "$compiled" # an image that the engine had already is older than today
  docker rm "$container" >/dev/null
  # The plugin's image of the same archive may be built upon it.
  docker image rm "$image" >/dev/null 2>&1 || say "image $image stays on the engine"
}

make_jars() {
  local name
  for name in "${names[@]}"; do
    mkdir -p "$work/$name.jar/$RESOURCES"
    cp "$directory/$name".{properties,tar.xz} "$work/$name.jar/$RESOURCES/"
    jar --create --file "$directory/$name.jar" -C "$work/$name.jar" .
    say "$directory/$name.jar is a bundle. Into the local repository it comes by:"
    say "  mvn install:install-file -Dfile=$directory/$name.jar -DgroupId=io.github.slurmmaven" \
      "-DartifactId=slurm-bundle-$release -Dversion=$release-1 -Dclassifier=${name/-$release/} -Dpackaging=jar" \
      "-DgeneratePom=false"
  done
}

main() {
  if (($# < 2 || $# > 3)) || [[ -z ${SLURM_SOURCE-}${SUITES[$1]-} ]]; then
    echo "usage: build-bundle.sh RELEASE DIRECTORY [PROCESSOR], RELEASE one of: ${!SUITES[*]}," \
      "PROCESSOR one of: ${!ARCHITECTURES[*]}" >&2
    exit 2
  fi
  local -r release=$1 directory=$2 processor=${3-$(uname -m)}
  local -r cache=${XDG_CACHE_HOME:-$HOME/.cache}/slurm-maven-plugin/bundle
  local -r platform=linux-$processor architecture=${ARCHITECTURES[$processor]-}
  local -ar names=("${CONTENTS[@]/%/-$release-$platform}")
  local -ir required=$(($# == 3))
  local suite=${SUITES[$1]-} cross='' compiled='' missing name
  if [[ -n ${SLURM_SOURCE-} ]]; then
    suite=trixie
    if ((10#${release:0:2}${release:3:2} < 2405)); then
      suite=bookworm # for its compiler
    fi
    [[ -r $SLURM_SOURCE ]] || fail "SLURM_SOURCE=$SLURM_SOURCE is not a file that can be read"
    [[ $processor == "$(uname -m)" ]] ||
      fail "Slurm is compiled for this machine's processor, $(uname -m): make the bundle for $processor on such a machine"
    command -v jar >/dev/null || fail "the bundle cannot be put into a jar: put the JDK's jar on the PATH"
    compiled=$cache/compiled-$release-$(cat "$SLURM_SOURCE" "$PROJECT/$IMAGES"/source/* | digest)
  fi
  for name in "${names[@]}"; do
    rm -f "$directory/$name".* # of an earlier build
  done
  if [[ $(uname -s) != Linux || -z $architecture ]]; then
    skip "it can only be made on Linux, for one of: ${!ARCHITECTURES[*]}"
  fi
  umask 022
  mkdir -p "$cache"
  work=$(mktemp -d "$cache/.work-XXXXXX")
  trap 'rm -rf "$work"' EXIT
  if missing=$(missing_bundle_tools "$processor"); then
    if [[ $(dpkg --print-architecture) != "$architecture" ]]; then
      cross=yes
    fi
  else
    missing=Debian
  fi
  if [[ -n $compiled ]]; then
    [[ -z $missing ]] || fail "to make a bundle from source, it needs $missing"
    compile_slurm
  fi
  if [[ -z $missing ]]; then
    build_on_debian
  elif command -v docker >/dev/null && docker version >/dev/null 2>&1; then
    build_in_container
  else
    skip "it needs $missing or a Docker engine"
  fi
  if [[ -n $compiled ]]; then
    make_jars
  fi
}

main "$@"
