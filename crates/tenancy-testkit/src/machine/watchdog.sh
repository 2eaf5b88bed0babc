# Runs one server that keeps nothing, and leaves nothing of it behind.
#
# Standard input is a pipe that the process which wants the server holds open. When it closes the pipe, in whatever way
# it ends, the server is killed (it keeps nothing) and the folder removed.
#
# $1 the folder with the server's `settings`, $2 the program.
set -u
umask 077
trap '' HUP INT TERM
dir=$1 program=$2
exec 3<&0 </dev/null

"$program" "$dir/settings" >>"$dir/log" 2>&1 3<&- &
server=$!
{
    cat >/dev/null
    [ -e "$dir/stopped" ] || kill -s KILL "$server" 2>/dev/null
} <&3 &
wait "$server"
: >"$dir/stopped"
wait
rm -rf "$dir"
