# Runs "$@" and ends it when the parent is gone. Standard input is a pipe whose other end only the parent holds: it closes
# when the parent dies, however it dies. The child is in a session of its own, so that Ctrl-C in a terminal reaches the
# parent alone, which stops the child when it no longer needs it.
exec 3<&0 </dev/null
trap : INT HUP TERM

if command -v setsid >/dev/null 2>&1; then
  setsid "$@" 3<&- &
else
  set -m
  "$@" 3<&- &
fi
child=$!

(
  trap '' INT HUP TERM
  while read -r _; do :; done <&3
  kill -TERM "$child"
  seconds=0
  while kill -0 "$child" && [ "$seconds" -lt 10 ]; do
    sleep 1
    seconds=$((seconds + 1))
  done
  kill -KILL "$child"
) >/dev/null 2>&1 &
watcher=$!
exec 3<&-

# A trapped signal ends a wait early: the child is over only when it is.
status=0
while kill -0 "$child" 2>/dev/null; do
  wait "$child"
  status=$?
done
kill -KILL "$watcher" 2>/dev/null
exit "$status"
