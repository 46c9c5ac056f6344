# Runs on a node: events.sh DIRECTORY NODE LINES shows errors, warnings and changed states of nodes that
# Slurm's daemons have logged there: first how many there are, then the last LINES of them.
file=$1/$2.log # where the nodes share a machine
files=("$1"/*.log)
[ ! -f "$file" ] || files=("$file")
found=$(
  grep --no-filename --text --extended-regexp \
    '^\[[0-9T:.-]+\] (\[[^]]*\] )?((error|fatal|warning): |update_node: node [^ ]+ (reason|state) set to|[Nn]odes? [^ ]+ (now|not) responding|.* completion process took [0-9]+ seconds)' \
    -- "${files[@]}"
)
if [ -z "$found" ]; then
  echo 0
else
  wc --lines <<<"$found"
  tail --lines="$3" <<<"$found"
fi
