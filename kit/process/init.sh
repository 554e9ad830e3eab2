#!/bin/sh
# The first process of a container, where nothing else is: starts the program that is given, gives signals on to it, and ends
# as it ends (128 + n, where signal n ended it).
#
#   /bin/sh init.sh PROGRAM ARGUMENT ...
#
# Whoever's parent ends becomes a child of process 1, and stays in the table of processes when it ends itself, until process 1
# has waited for it. Node.js waits for those alone that it has started. A shell that waits, waits for any: so this needs no
# program that an image would have to have beside /bin/sh.

child=
early=

# Whatever comes before there is anybody to give it to, comes later.
pass() {
  if [ -n "$child" ]; then kill -s "$1" "$child" 2>/dev/null; else early="$early $1"; fi
}
for name in TERM INT QUIT HUP USR1 USR2 TTIN TTOU WINCH; do
  # shellcheck disable=SC2064 # the name as it is now
  trap "pass $name" "$name"
done

# In the background a program would read nothing; it is to have what this process was given. (It begins with INT and QUIT
# ignored, too; Node.js puts that right itself.)
exec 3<&0
"$@" <&3 3<&- &
child=$!
exec 3<&- </dev/null
for name in $early; do pass "$name"; done

# A signal that is given on ends the waiting, too; then the child is there still, were it only as one that has ended.
while :; do
  wait "$child"
  status=$?
  kill -0 "$child" 2>/dev/null || break
done

# Some shells wait for a child while they handle a signal. They know how it ended; others know nothing of it by now.
wait "$child" 2>/dev/null
again=$?
[ "$again" -eq 127 ] || status=$again
exit "$status"
