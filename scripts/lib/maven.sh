# shellcheck shell=bash
# Running the project's own build, and other versions of Maven and Java than those that it runs on. To
# be sourced by bash, in the project's directory.
#
#   verify ARGUMENT...  runs mvn verify; builds of src/it and examples that fail are run once more
#   maven_home VERSION   prints where that Maven is, fetched as an artifact on first use
#   java_home VERSION    prints where a JDK of this machine is; of the version newest, the newest that is
#                        newer than 17
#
# Needs a Maven to fetch others with (ensure_java_maven of engine.sh).

# The oldest that the plugin runs on, and the newest of those that people use.
MAVEN_VERSIONS="3.6.3 3.9.16 4.0.0-rc-5"

_maven_cache=${XDG_CACHE_HOME:-$HOME/.cache}/slurm-maven-plugin/maven

# Options of Maven that leave out all tests but the builds of src/it, which -DskipTests would skip, too.
ONLY_BUILDS=(-Dtest=NONE -Dit.test=NONE -Dsurefire.failIfNoSpecifiedTests=false
  -Dfailsafe.failIfNoSpecifiedTests=false)

# A build that failed for the sake of a busy machine passes the second time, and is told as a flake, as
# Surefire and Failsafe do with single tests.
verify() {
  local kind failed flakes=() maven=(mvn --batch-mode --no-transfer-progress verify "$@")
  # What they tell of an earlier run would fail this one, too.
  rm -rf slurm-*/target/invoker-reports-* slurm-*/target/failsafe-reports/failsafe-summary.xml
  "${maven[@]}" -Dinvoker.ignoreFailures=true || return
  # Those of src/it on containers, those without, and the examples.
  for kind in projects embedded examples; do
    failed=$(find slurm-*/target -path "*/invoker-reports-$kind/BUILD-*.xml" -exec awk -F '"' \
      '/<build-job / && !/ result="(success|skipped)"/ { sub("/.*", "", $2); print $2 }' {} + |
      sort -u | paste -s -d , -)
    [[ -n $failed ]] || continue
    echo "maven.sh: failed, of the $kind: $failed"
    # What the others need; without it they did not run at all.
    [[ ! ,$failed, =~ ,(setup-|parent,) ]] || return
    "${maven[@]}" "${ONLY_BUILDS[@]}" -Dinvoker.skip=true "-Dinvoker.skip.$kind=false" \
      "-Dinvoker.test=setup-*,parent,$failed" || return
    flakes+=("$kind: $failed")
  done
  ((!${#flakes[@]})) || echo "maven.sh: flakes, which failed first and then passed: ${flakes[*]}"
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
