# Outlives the program that started it and ends the servers which that program leaves behind.
#
# Orders come on standard input, one a line; the end of the input means that the program is gone,
# killed or done. Standard output is the lock of the data folder: it is held until this ends.
#   watch SIGNAL PID   end this process at the end, with this signal
#   forget PID         this process has ended
#   remove PATH        remove this folder at the end

stop_wait_ds=100 # tenths of a second
kill_wait_ds=20

# Our end is decided by the input alone.
trap '' HUP INT TERM
cd /
watched=

while read -r order rest; do
    case $order in
    watch) watched="$watched ${rest% *}:${rest#* }" ;;
    forget)
        kept=
        for entry in $watched; do
            [ "${entry#*:}" = "$rest" ] || kept="$kept $entry"
        done
        watched=$kept
        ;;
    remove) set -- "$@" "$rest" ;;
    esac
done

# A zombie has ended, only its parent has not asked yet.
alive() {
    kill -s 0 "$1" || return 1
    state=
    read -r _ _ state _ <"/proc/$1/stat"
    [ "$state" != Z ]
} 2>/dev/null

# Waits until all have ended, for so many tenths of a second at most.
wait_ds() {
    tries=$1
    for entry in $watched; do
        while [ "$tries" -gt 0 ] && alive "${entry#*:}"; do
            sleep 0.1
            tries=$((tries - 1))
        done
    done
}

# Postgres: a paused server was paused with its children, which are in groups of their own.
family() {
    echo "$1"
    cat "/proc/$1/task/$1/children"
} 2>/dev/null

for entry in $watched; do
    kill -s "${entry%%:*}" "${entry#*:}"
    kill -s CONT $(family "${entry#*:}")
done 2>/dev/null
wait_ds "$stop_wait_ds"

for entry in $watched; do
    alive "${entry#*:}" && kill -s KILL $(family "${entry#*:}")
done 2>/dev/null
wait_ds "$kill_wait_ds"

# The second try is for a server's child that was still writing.
rm -rf -- "$@" 2>/dev/null || { sleep 1; rm -rf -- "$@" 2>/dev/null; }
