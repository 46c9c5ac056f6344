# Runs on the controller: batch-scripts.sh BYTES JOB... prints the scripts of batch jobs that slurmctld
# knows. For each job there is a line with its id and the size in bytes. The last line has the first BYTES of all
# scripts, one after the other, in Base64. The number of processes does not grow with the number of jobs.
#
# slurmctld has each script in a file, with a byte 0 at the end; the tasks of an array share one. To have scontrol
# write them would cost slurmctld a millisecond of processor time for each job. It writes what is not found.
export LC_ALL=C # sizes are bytes
bytes=$1
shift
directory=$(mktemp --directory) || exit
trap 'rm --recursive --force -- "$directory"' EXIT
state=$(scontrol show config | sed -nE 's/^StateSaveLocation *= *//p')
sizes=
scripts=
add() { # job, script
  sizes+="$1 ${#2}"$'\n'
  scripts+=${2:0:bytes}
}
missing=()
for job; do
  number=${job%%[_+]*}
  if IFS= read -r -d '' script 2>/dev/null <"$state/hash.$((number % 10))/job.$number/script"; then
    add "$job" "$script"
  else
    missing+=("$job")
  fi
done
# scontrol reports a job without a script, and goes on.
for job in "${missing[@]}"; do
  printf 'write batch_script %s %s/%s\n' "$job" "$directory" "$job"
done | scontrol >/dev/null 2>&1
for job in "${missing[@]}"; do
  script=
  if IFS= read -r -d '' script 2>/dev/null <"$directory/$job" || [ -n "$script" ]; then
    add "$job" "$script"
  fi
done
if [ -n "$sizes" ]; then
  printf %s "$sizes"
  printf %s "$scripts" | base64 --wrap=0
fi
