# shellcheck shell=bash
# Running the project's own build, and other versions of Maven and Java than those that it runs on. To
# be sourced by bash, in the project's directory.
#
#   verify ARGUMENT...  runs mvn verify; builds of src/it and examples that fail are run once more
#   print_report        prints what each layer of tests took and which tests flaked, for all calls of verify
#                       since the variable TEST_REPORT, a directory, was made; verify notes both there
#   maven_home VERSION   prints where that Maven is, fetched as an artifact on first use
#   java_home VERSION    prints where a JDK of this machine is; of the version newest, the newest that is
#                        newer than 17
#
# Needs a Maven to fetch others with (ensure_java_maven of engine.sh).

# The oldest that the plugin runs on, and the newest of those that people use.
MAVEN_VERSIONS="3.6.3 3.9.16 4.0.0-rc-5"

_cache=${XDG_CACHE_HOME:-$HOME/.cache}/slurm-maven-plugin
_maven_cache=$_cache/maven

# Options of Maven that leave out all tests but the builds of src/it, which -DskipTests would skip, too.
ONLY_BUILDS=(-Dtest=NONE -Dit.test=NONE -Dsurefire.failIfNoSpecifiedTests=false
  -Dfailsafe.failIfNoSpecifiedTests=false)

# A build that fails on a busy machine may pass the second time. That is a flake, as with the single tests
# that Surefire and Failsafe run again.
verify() {
  local kind failed needed selected
  # Reports of an earlier run that failed would fail this one, too.
  rm -rf slurm-*/target/invoker-reports-* slurm-*/target/failsafe-reports/failsafe-summary.xml
  _maven "$@" -Dinvoker.ignoreFailures=true || return
  # The builds of src/it with containers, those without, and the examples.
  for kind in projects embedded examples; do
    failed=$(find slurm-*/target -path "*/invoker-reports-$kind/BUILD-*.xml" -exec awk -F '"' \
      '/<build-job / && !/ result="(success|skipped)"/ { sub("/.*", "", $2); print $2 }' {} + |
      sort -u | paste -s -d , -)
    [[ -n $failed ]] || continue
    echo "maven.sh: failed, of the $kind: $failed"
    # The other builds need these. If one of them failed, the others did not run.
    [[ ! ,$failed, =~ ,(setup-|parent,) ]] || return
    # Their tests and some of their files are those of another build.
    needed=
    [[ ,$failed, != *,definition,* ]] || needed+=,topology
    [[ ,$failed, != *,releases,* ]] || needed+=,basic
    [[ ,$failed, != *,client-nextflow-pbs,* ]] || needed+=,client-nextflow
    selected=("-Dinvoker.test=setup-*,parent,$failed$needed")
    # A name would also select an example in modules that leave it to another one, so all of them run.
    [[ $kind != examples ]] || selected=()
    _maven "$@" "${ONLY_BUILDS[@]}" -Dinvoker.skip=true "-Dinvoker.skip.$kind=false" \
      "${selected[@]}" || return
    # shellcheck disable=SC2086
    printf 'build %s\n' ${failed//,/ } | _note_flakes
  done
}

# Runs mvn verify, and notes flakes and what the steps of the build took.
_maven() {
  local log status=0
  log=$(mktemp) && touch "$log.begin" || return
  (
    set -o pipefail
    mvn --batch-mode --no-transfer-progress -Dorg.slf4j.simpleLogger.showDateTime=true \
      -Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss verify "$@" | tee "$log"
  ) || status=$?
  [[ -z ${TEST_REPORT-} ]] || _layers "$log" >>"$TEST_REPORT/times"
  # The tests that Surefire and Failsafe ran again and that then passed.
  find slurm-*/target -maxdepth 2 -name 'TEST-*.xml' -newer "$log.begin" -exec awk '
    FNR == 1 { class = FILENAME; sub(/.*TEST-/, "", class); sub(/\.xml$/, "", class) }
    /<testcase / { test = $0; sub(/.*<testcase name="/, "", test); sub(/".*/, "", test) }
    /<flaky(Failure|Error)/ { print class ": " test }
  ' {} + | _note_flakes
  rm "$log" "$log.begin"
  return $status
}

# Prints a line with seconds, layer and module for each step of a build that runs tests.
_layers() { # log
  awk -v pair="${TEST_PAIR-}" '
    function seconds(clock, parts) {
      split(clock, parts, ":")
      return parts[1] * 3600 + parts[2] * 60 + parts[3]
    }
    function layer(plugin, goal, execution) {
      if (pair != "") return "on Maven/Java " pair
      if (plugin ~ /surefire/) return "unit tests"
      if (plugin ~ /failsafe/ && goal == "integration-test") return "integration tests"
      if (plugin !~ /invoker/ || goal ~ /install|verify/) return "all else"
      if (execution ~ /embedded/) return "builds of src/it without Docker"
      return execution ~ /examples/ ? "builds of examples" : "builds of src/it on Docker"
    }
    function note(now) {
      # Midnight has passed.
      if (now < begin) now += 86400
      if (step != "") print now - begin "\t" step
      begin = now % 86400
    }
    /^[0-9][0-9]:[0-9][0-9]:[0-9][0-9] \[INFO\] Scanning for projects/ {
      note(seconds($1))
      step = layer("", "", "") "\tslurm-maven-parent"
    }
    /^[0-9][0-9]:[0-9][0-9]:[0-9][0-9] \[INFO\] --- .* @ .* ---$/ {
      note(seconds($1))
      split($4, plugin, ":")
      step = layer(plugin[1], plugin[length(plugin)], $5) "\t" $7
    }
    /^[0-9][0-9]:[0-9][0-9]:[0-9][0-9] \[INFO\] Total time: / { note(seconds($1)); step = "" }
  ' "$1"
}

# Counts flakes of this run in TEST_REPORT, and those of all runs of this user in the cache.
_note_flakes() {
  local flake
  mkdir -p "$_cache" || return
  while read -r flake; do
    echo "maven.sh: flake, which failed first and then passed: $flake"
    echo "$(date +%F) $flake" >>"$_cache/flakes"
    [[ -z ${TEST_REPORT-} ]] || echo "$flake" >>"$TEST_REPORT/flakes"
  done
}

print_report() {
  local count flake
  if [[ -s $TEST_REPORT/times ]]; then
    echo "Time of the tests in seconds:"
    awk -F '\t' '
      { sum[$3 "\t" $2] += $1; total += $1 }
      END {
        for (each in sum) {
          split(each, of, "\t")
          printf "  %-20s  %-32s %5d\n", of[1], of[2], sum[each] | "sort"
        }
        close("sort")
        printf "  %-54s %5d\n", "total", total
      }' "$TEST_REPORT/times"
  fi
  if [[ -s $TEST_REPORT/flakes ]]; then
    echo "Flakes, with their number in this run and since $(head -n 1 "$_cache/flakes" | cut -d ' ' -f 1):"
    sort "$TEST_REPORT/flakes" | uniq -c | while read -r count flake; do
      printf '  %3d %3d  %s\n' "$count" \
        "$(cut -d ' ' -f 2- "$_cache/flakes" | grep -cxF -- "$flake")" "$flake"
    done
  else
    echo "Flakes: none"
  fi
}

maven_home() {
  local version=$1 home=$_maven_cache/apache-maven-$1 draft
  if [[ ! -x $home/bin/mvn ]]; then
    mkdir -p "$_maven_cache" || return
    draft=$(mktemp -d "$_maven_cache/.draft-XXXXXX") || return
    echo "maven.sh: fetching Maven $version" >&2
    if ! (cd "$draft" && mvn --batch-mode --quiet --no-transfer-progress \
      org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy \
      -Dartifact="org.apache.maven:apache-maven:$version:tar.gz:bin" -DoutputDirectory=.) >&2; then
      rm -r "$draft"
      echo "maven.sh: Maven $version cannot be fetched" >&2
      return 1
    fi
    tar -xzf "$draft"/apache-maven-*.tar.gz -C "$draft" || return
    # Somebody else may have been quicker.
    mv -T "$draft/apache-maven-$version" "$home" 2>/dev/null || [[ -x $home/bin/mvn ]] || return
    rm -r "$draft"
  fi
  echo "$home"
}

java_home() {
  local home version found
  found=$(for home in "${JAVA_HOME-}" /usr/lib/jvm/* "$HOME"/.sdkman/candidates/java/* /opt/java/*; do
    if [[ -n $home && -x $home/bin/javac && -r $home/release ]]; then
      version=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$home/release")
      echo "${version:-0} $(readlink -f "$home")"
    fi
  done | sort -n -u)
  if [[ $1 == newest ]]; then
    found=$(awk '$1 > 17' <<<"$found" | tail -n 1)
  else
    found=$(grep "^$1 " <<<"$found" | head -n 1)
  fi
  [[ -n $found ]] && echo "${found#* }"
}
