#!/bin/sh
# The guest's first program, in the initramfs: it builds the root, which is the host's below writes that stay
# in memory, and goes there. Any failure ends it, with that the guest; the console says what failed.
# settings.sh is written by guest.py.
set -eu
PATH=/bin
. /settings.sh

# A directory of the host at its own place. Writes are not cached: they are the host's at once.
share() {
    mkdir -p "/root$3"
    mount -t 9p -o "trans=virtio,version=9p2000.L,msize=512000,$2" "$1" "/root$3"
}

mount -t proc proc /proc
mount -t devtmpfs dev /dev
modprobe -a $base

mount -t 9p -o trans=virtio,version=9p2000.L,msize=512000,cache=loose,ro root /host
mount -t tmpfs -o mode=755 writes /writes
mkdir /writes/upper /writes/work
mount -t overlay -o lowerdir=/host,upperdir=/writes/upper,workdir=/writes/work root /root
# The Python environment may be in a shared directory; by way of the root it is cached.
[ -z "$prefix" ] || { mkdir /writes/prefix && mount --bind "/root$prefix" /writes/prefix; }
shares
[ -z "$prefix" ] || mount --bind /writes/prefix "/root$prefix"

# This kernel's modules, and none of the host's rules about them.
mkdir -p "/root/lib/modules/$release"
mount --bind "/root$modules" "/root/lib/modules/$release"
for rules in /root/etc/modprobe.d /root/usr/local/lib/modprobe.d; do
    [ ! -d $rules ] || mount -t tmpfs rules $rules
done

# These go along to the new root.
mount -t sysfs sys /sys
mount -t tmpfs -o mode=755 run /run
mkdir -p /dev/pts /dev/shm /run/lock /run/lab
mkdir -m 1777 /run/tmp
mount -t devpts devpts /dev/pts
mount -t tmpfs -o mode=1777 shm /dev/shm
cp -P /links/* /dev
cp /settings.sh /guest.sh /run/lab
exec switch_root /root /bin/sh /run/lab/guest.sh
