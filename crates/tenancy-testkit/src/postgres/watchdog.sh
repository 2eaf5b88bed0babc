# Makes and runs one PostgreSQL server, and leaves nothing of it behind.
#
# Standard input is a pipe that the process which wants the server holds open. It sends the port to listen on when the
# folder `data` is made. When it closes the pipe, in whatever way it ends, the server is stopped and the folder removed.
#
# The data is new, with the superuser's password out of the file `password`; or, where there is a file `primary`, a copy of
# what the server has that this leads to, logged in to with the file `login`: the server is its standby then.
#
# $1 the folder, $2 where the binaries are, then the server's options.
set -u
umask 077
trap '' HUP INT TERM
dir=$1 bin=$2
shift 2
exec 3<&0 </dev/null

if [ -e "$dir/primary" ]; then
    PGPASSFILE="$dir/login" "$bin/pg_basebackup" -D "$dir/data" -d "$(cat "$dir/primary")" -w -c fast --no-sync \
        >>"$dir/log" 2>&1 && : >"$dir/data/standby.signal"
    status=$?
else
    "$bin/initdb" -D "$dir/data" -U postgres -A scram-sha-256 --pwfile "$dir/password" \
        -E UTF8 --locale=C --no-sync --no-instructions >>"$dir/log" 2>&1
    status=$?
    rm -f "$dir/password"
fi

if [ "$status" -ne 0 ]; then
    : >"$dir/stopped"
    cat <&3 >/dev/null
elif : >"$dir/made" && read -r port <&3; then
    "$bin/postgres" -D "$dir/data" -p "$port" "$@" >>"$dir/log" 2>&1 3<&- &
    server=$!
    {
        cat >/dev/null
        signal=INT tries=0
        # again and again: a server that is just starting does not hear it yet
        while [ ! -e "$dir/stopped" ] && kill -s "$signal" "$server" 2>/dev/null; do
            tries=$((tries + 1))
            [ "$tries" -lt 50 ] || signal=KILL
            sleep 0.2
        done
    } <&3 &
    wait "$server"
    : >"$dir/stopped"
    wait
fi
rm -rf "$dir"
