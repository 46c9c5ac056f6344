# The language of sessions and their jobs, unless the SSH client sends its own. A variable of sshd's
# own (SetEnv) would win over the client's. Also read by /etc/bash.bashrc, as Debian's bash reads that
# file for the commands of an SSH client.
: "${LANG:=C.UTF-8}"
export LANG
