# PID 1 of the guest once its root is the host's: what is left to do, then the command, then the end.
# A failure ends it, with that the guest.
set -u
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
. /run/lab/settings.sh

fail() {
    echo "benchsuite-lab: $*" >/dev/console
    exit 1
}

# The ways out: 6 output, 7 messages, 3 what this script has to say.
tries=0
until [ -c /dev/vport0p1 ] && [ -c /dev/vport0p2 ] && [ -c /dev/vport0p3 ]; do
    [ $((tries += 1)) -le 100 ] || fail "the ports of the console did not appear"
    sleep 0.1
done
exec 6>/dev/vport0p1 7>/dev/vport0p2 3>/dev/vport0p3

# Those that test themselves for long do it side by side.
modprobe -a $quick 2>/run/lab/notes
for module in $slow; do
    modprobe "$module" 2>>/run/lab/notes &
done
wait
ip link set lo up 2>>/run/lab/notes
[ "$(date +%s)" -ge "$now" ] || date -s "@$now" >/dev/null # a machine without a clock of its own
[ ! -e /.dockerenv ] || rm -f /.dockerenv # the host may be a container, this is none
echo benchsuite-lab >/proc/sys/kernel/hostname
ulimit -Hn 524288
while read -r line; do
    echo "note $line" >&3
done </run/lab/notes

# What the command writes to is a pipe, as it often is: a port cannot be opened twice, as /dev/stderr is.
mkfifo /run/lab/out /run/lab/err
cat /run/lab/out >&6 & out=$!
cat /run/lab/err >&7 & err=$!
echo started >&3
(command_of_user) </dev/null >/run/lab/out 2>/run/lab/err 3>&- 6>&- 7>&-
status=$?

# Whatever the command left behind would keep its pipes open.
for process in /proc/[0-9]*; do
    case ${process#/proc/} in
    1 | $out | $err) ;;
    *) kill -9 "${process#/proc/}" 2>/dev/null ;;
    esac
done
(sleep 20 && kill $out $err) & # one that hangs in the kernel cannot be killed
wait $out $err
sync
printf '%s' "$mark" >&6
printf '%s' "$mark" >&7
echo "exit $status" >&3
while :; do sleep 60; done # the host ends the machine
