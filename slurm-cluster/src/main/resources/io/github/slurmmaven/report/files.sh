# Runs on a node as a user: files.sh BYTES FILE... shows the end of each file, on a line: its size in bytes,
# and the last BYTES in Base64; a line "-" for one that cannot be read, or is not a regular file.
bytes=$1
shift
for file; do
  if [ -f "$file" ] && [ -r "$file" ]; then
    printf '%s %s\n' "$(stat --dereference --format=%s -- "$file")" \
      "$(tail --bytes="$bytes" -- "$file" | base64 --wrap=0)"
  else
    echo -
  fi
done
