# Puts homes on a full disk, as root: full-home.sh fill|replace|restore|free
# The disk is each node's /dev/shm, which is small and nobody else's; /home is shared by the nodes.
set -euo pipefail

readonly disk=/dev/shm/slurm-home

fill() {
  install -d -m 0755 "$disk"
  cp -a /home/. "$disk"
  # Ends when there is no space left.
  cat /dev/zero >"$disk/.full" 2>/dev/null || true
}

replace() {
  local home
  for home in /home/*; do
    mv "$home" "/home/.${home##*/}.kept"
    ln -s "$disk/${home##*/}" "$home"
  done
}

restore() {
  local kept home
  for kept in /home/.*.kept; do
    [[ -e $kept ]] || continue
    home=${kept##*/.}
    rm -f "/home/${home%.kept}"
    mv "$kept" "/home/${home%.kept}"
  done
}

free() { rm -rf "$disk"; }

"$1"
