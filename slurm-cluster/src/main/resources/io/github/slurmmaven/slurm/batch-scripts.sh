# Runs on the controller: batch-scripts.sh BYTES JOB... shows the scripts of batch jobs that slurmctld
# knows, each on a line: the job, the size in bytes, and the first BYTES in Base64.
directory=$(mktemp --directory) || exit
trap 'rm --recursive --force -- "$directory"' EXIT
bytes=$1
shift
# One scontrol for all jobs. It reports a job without a script, and goes on.
for job; do
  printf 'write batch_script %s %s/%s\n' "$job" "$directory" "$job"
done | scontrol >/dev/null 2>&1
for job; do
  file=$directory/$job
  if [ -f "$file" ]; then
    printf '%s %s %s\n' "$job" "$(stat --format=%s -- "$file")" \
      "$(head --bytes="$bytes" -- "$file" | base64 --wrap=0)"
  fi
done
