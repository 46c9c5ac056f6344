# Runs on a node as a user: files.sh BYTES FILE... shows the end of each file: on a line its size in bytes, or
# "-" for one that cannot be read or is not a regular file, and at last a line with the last BYTES of all, one
# after the other, in Base64. The processes are few, however many files there are, unless one changes
# meanwhile: then each line has the end of its own file, after a blank.
bytes=$1
shift
found=()
for file; do
  if [ -f "$file" ] && [ -r "$file" ]; then
    found+=("$file")
  fi
done
sizes() {
  ((!${#found[@]})) || stat --dereference --format=%s -- "${found[@]}"
}
ends() {
  ((!${#found[@]})) || tail --quiet --bytes="$bytes" -- "${found[@]}" | base64 --wrap=0
}
if before=$(sizes 2>/dev/null) && all=$(ends) && after=$(sizes 2>/dev/null) && [ "$before" = "$after" ]; then
  mapfile -t list <<<"$before"
  next=0
  for file; do
    if [ "$file" = "${found[next]-}" ]; then
      printf '%s\n' "${list[next]}"
      next=$((next + 1))
    else
      echo -
    fi
  done
  printf '%s\n' "$all"
  exit
fi
for file; do
  if size=$(stat --dereference --format=%s -- "$file" 2>/dev/null) && [ -f "$file" ] && [ -r "$file" ]; then
    printf '%s %s\n' "$size" "$(tail --bytes="$bytes" -- "$file" | base64 --wrap=0)"
  else
    echo -
  fi
done
echo
