# Runs on the controller in a login shell of the submitting user: submits a batch script. $0 is the PATH
# that has Slurm's commands; submit.sh DIRECTORY SCRIPT MILLISECONDS ARGUMENTS..., where SCRIPT is among
# the ARGUMENTS of sbatch, and DIRECTORY is empty for the home.
#
# Prints "job ID MICROSECONDS", with the time when the submission began, after the output of sbatch. It does not
# wait for sbatch --wait. sbatch --wait prints the id late and sbatch --quiet never does, so their job is found by
# its script. Exit status 75: sbatch has not answered in time.
export PATH="$0" USER=$(id -un)
export LOGNAME=$USER
cd -- "${1:-$HOME}" || exit
script=$2
now=${EPOCHREALTIME/[.,]/}
# Times of files are up to a tick of the kernel behind.
since=$((now - 20000))
end=$((now + $3 * 1000))
shift 3

# May be wrong about an option's value, which costs a question.
silent=${SBATCH_WAIT+1}
for argument; do
  [[ $argument != --qu* && $argument != --wa* && ! $argument =~ ^-[^-]*[QW] ]] || silent=1
done
[[ -n $silent ]] || ! grep -Eq '^#SBATCH.*(--qu|--wa|[[:space:]]-[^-[:space:]]*[QW])' "$script" || silent=1
if [[ -n $silent ]]; then
  # An earlier job of the same script is not this one.
  last=$(timeout 5 squeue --me --noheader --states=all --format=%A 2>/dev/null | sort -n | tail -n 1)
fi

exec {answer}< <(exec sbatch --parsable "$@")
sbatch=$!

found() {
  local job command
  [[ -n $silent ]] || return
  while read -r job command; do
    [[ $command == "$script" || $command == "$script "* ]] && ((job > ${last:-0})) || continue
    ((id && id < job)) || id=$job
  done < <(timeout 5 squeue --me --noheader --states=all --format='%F %o' 2>/dev/null)
  ((id))
}

id=0
line=
until ((id)); do
  IFS= read -r -t 0.2 -u "$answer" part
  status=$?
  # When the time is up, what there is of a line was read.
  line+=$part
  if ((status > 128)); then
    if ! found && ((${EPOCHREALTIME/[.,]/} > end)); then
      kill "$sbatch"
      exit 75
    fi
    continue
  fi
  if [[ $line =~ ^[0-9]+(\;.*)?$ ]]; then
    id=${line%%;*}
  elif ((status == 0)) || [[ -n $line ]]; then
    printf '%s\n' "$line"
  fi
  line=
  if ((status && !id)); then
    # Of sbatch --wait, this is the job's exit status.
    wait "$sbatch"
    status=$?
    found || exit "$status"
  fi
done
printf 'job %s %s\n' "$id" "$since"
# It is about to end, or waits for the job.
IFS= read -r -t 0.5 -u "$answer" line || kill "$sbatch" 2>/dev/null
exit 0
