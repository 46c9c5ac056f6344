# Runs on the controller: batch-scripts.sh BYTES JOB... shows the scripts of batch jobs that slurmctld
# knows: for each a line with the job and the size in bytes, and at last a line with the first BYTES of all,
# one after the other, in Base64. The processes are few, however many jobs there are.
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
