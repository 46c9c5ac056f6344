# Runs on the controller: batch-scripts.sh BYTES JOB... prints the scripts of batch jobs that slurmctld
# knows. For each job there is a line with its id and the size in bytes. The last line has the first BYTES of all
# scripts, one after the other, in Base64. The number of processes does not grow with the number of jobs.
directory=$(mktemp --directory) || exit
trap 'rm --recursive --force -- "$directory"' EXIT
cd -- "$directory" || exit
bytes=$1
shift
# scontrol reports a job without a script, and goes on.
for job; do
  printf 'write batch_script %s %s/%s\n' "$job" "$directory" "$job"
done | scontrol >/dev/null 2>&1
shopt -s nullglob
files=(*)
if ((${#files[@]})); then
  stat --format='%n %s' -- "${files[@]}" &&
    head --quiet --bytes="$bytes" -- "${files[@]}" | base64 --wrap=0
fi
