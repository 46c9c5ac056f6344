# Runs on a node: events.sh DIRECTORY LINES NODE... shows errors, warnings and changed states of nodes that
# Slurm's daemons have logged there: for each node a line with its name, how many there are, and how many follow,
# which are the last LINES of them. The first NODE is the one that runs this. The others are shown if they share a
# machine with it, so that each has its own log in DIRECTORY.
directory=$1
most=$2
shift 2
events='^\[[0-9T:.-]+\] (\[[^]]*\] )?((error|fatal|warning): |update_node: node [^ ]+ (reason|state) set to|[Nn]odes? [^ ]+ (now|not) responding|.* completion process took [0-9]+ seconds)'
show() { # node, file...
  mapfile -t found < <(grep --no-filename --text --extended-regexp "$events" -- "${@:2}")
  local all=${#found[@]}
  local last=$((all < most ? all : most))
  printf '%s %s %s\n' "$1" "$all" "$last"
  ((!last)) || printf '%s\n' "${found[@]:all-last}"
}
shopt -s nullglob
files=("$directory"/*.log)
if [ ! -f "$directory/$1.log" ]; then
  show "$1" "${files[@]}" /dev/null
  exit
fi
# One process looks through all logs; most have nothing.
declare -A has=()
while IFS= read -r file; do
  has[$file]=yes
done < <(grep --files-with-matches --text --extended-regexp "$events" -- "${files[@]}")
for node; do
  file=$directory/$node.log
  if [[ -v "has[$file]" ]]; then
    show "$node" "$file"
  elif [ -f "$file" ]; then
    printf '%s 0 0\n' "$node"
  fi
done
