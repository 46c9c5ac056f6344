# Runs on the controller: timeline.sh SINCE FIELDS BYTES shows what is known of jobs that ended since then
# (seconds since 1970), as HistoryReader wants it: a line for each answer, a word and the text in Base64. FIELDS
# are sacct's, for "records". Without accounting there are the last BYTES of the file of jobcomp/filetxt,
# "ended". Where neither can be read, "silence" has the reason.
export SLURM_TIME_FORMAT=%s

section() { # name, command
  local answer
  answer=$(
    set -o pipefail
    "${@:2}" | base64 --wrap=0
  ) || exit
  printf '%s %s\n' "$1" "$answer"
}

section version scontrol --version
section clock date '+%s%3N %:z'
section node scontrol --all --details --oneliner show node
section job scontrol --all --details --oneliner show job
config=$(scontrol show config) || exit
section config printf %s "$config"
if grep -q '^AccountingStorageType *= accounting_storage/slurmdbd' <<<"$config"; then
  since=$(date --date="@$1" +%Y-%m-%dT%H:%M:%S)
  if answer=$(timeout 20 sacct --allusers --allocations --noheader --parsable2 --starttime="$since" \
    --format="$2" 2>&1); then
    section records printf %s "$answer"
  else
    section silence printf %s "${answer:-sacct has no answer within 20 s}"
  fi
elif grep -q '^JobCompType *= jobcomp/filetxt' <<<"$config"; then
  file=$(sed -nE 's/^JobCompLoc *= //p' <<<"$config")
  if answer=$(tail --bytes=0 -- "$file" 2>&1); then
    section ended tail --bytes="$3" -- "$file"
  else
    section silence printf %s "$answer"
  fi
fi
