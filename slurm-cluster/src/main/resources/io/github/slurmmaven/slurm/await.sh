# Runs on the controller: await.sh MILLISECONDS STATES IDS waits until each of the jobs is in one of
# the states; STATES are words between commas with a comma around, IDS are between commas. Says on
# standard output what scontrol shows of a job, on one line, each time that the job's state or reason
# has changed.
#
# Exit status 3: they are not at the end of the time; 4: Slurm knows none of them.
export SLURM_TIME_FORMAT=%s
end=$((${EPOCHREALTIME/[.,]/} + $1 * 1000))
declare -A said=()

# squeue that waits for a controller is ended, for the sake of the deadline.
list() { timeout 5 squeue --all --array --noheader --states=all --jobs="$1" --format='%i %T %r'; }

while :; do
  # Without an answer the controller may be on its way back, so that waiting goes on.
  if jobs=$(list "$3" 2>&1); then
    if [ -z "$jobs" ]; then
      echo 'no such job' >&2
      exit 4
    fi
    missing=0
    while read -r id state reason; do
      if [ "${said[$id]-}" != "$state $reason" ]; then
        said[$id]="$state $reason"
        record=$(scontrol --oneliner show job "$id") && printf '%s\n' "${record//$'\n'/ }"
      fi
      [[ $2 == *,$state,* ]] || missing=1
    done <<<"$jobs"
    ((missing)) || exit 0
  elif [[ $jobs == *'Invalid job id'* ]]; then
    printf '%s\n' "$jobs" >&2
    exit 4
  fi
  if ((${EPOCHREALTIME/[.,]/} > end)); then
    exit 3
  fi
  sleep 0.05
done
