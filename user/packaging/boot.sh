#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The package on a fresh Debian with systemd, in qemu (software emulation will do): it comes up at boot
# before the network, is reloaded, survives an upgrade, and purge leaves nothing. As root: make test-boot,
# or, with the package of build/deb as it is, user/packaging/boot.sh [SUITE]
# Needs debootstrap, e2fsprogs and qemu-system-x86; takes ten minutes in software emulation. ROOT=DIR keeps and reuses the
# installed system.
set -eu
cd "$(dirname "$0")/../.."

BUILD=${BUILD:-build}
SUITE=${1:-bookworm}
LIMIT=${LIMIT:-2400} # seconds that the machine may run
# ACCEL=kvm is faster where it works.
PATH=$PATH:/usr/sbin:/sbin
package=$(ls "$BUILD"/deb/agfeo_*.deb)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
root=${ROOT:-$folder/root}

for tool in debootstrap mke2fs qemu-system-x86_64; do
	command -v "$tool" > /dev/null || {
		echo "boot: no $tool here: apt-get install debootstrap e2fsprogs qemu-system-x86"
		exit 77
	}
done

install_system() {
	debootstrap --variant=minbase --include="systemd,systemd-sysv,udev,dbus,iproute2,kmod,initramfs-tools,linux-image-amd64" \
		"$SUITE" "$root" > "$folder/debootstrap.log" || {
		tail "$folder/debootstrap.log"
		exit 1
	}
}

# Two network cards by their names, a configuration, and the test as the last unit of the boot.
prepare_system() {
	for card in lan0=52:54:00:00:00:01 wan0=52:54:00:00:00:02; do
		printf '[Match]\nMACAddress=%s\n[Link]\nName=%s\n' "${card#*=}" "${card%%=*}" \
			> "$root/etc/systemd/network/10-${card%%=*}.link"
	done
	mkdir -p "$root/etc/agfeo" "$root/var/lib/prometheus/node-exporter"
	cp user/examples/single-es.conf "$root/etc/agfeo/agfeo.conf"
	cp "$package" "$root/opt/agfeo.deb"
	chroot "$root" apt-get -q -y --no-install-recommends --reinstall install /opt/agfeo.deb > "$folder/dpkg.log" 2>&1 || {
		cat "$folder/dpkg.log"
		exit 1
	}
	cat > "$root/opt/test.sh"
	cat > "$root/etc/systemd/system/package-test.service" <<-END
		[Unit]
		Description=test of the package
		After=multi-user.target
		[Service]
		Type=oneshot
		ExecStart=/bin/sh /opt/test.sh
		ExecStopPost=/sbin/poweroff -f
		StandardOutput=tty
		StandardError=tty
		TTYPath=/dev/ttyS0
		[Install]
		WantedBy=multi-user.target
	END
	mkdir -p "$root/etc/systemd/system/multi-user.target.wants"
	ln -sf ../package-test.service "$root/etc/systemd/system/multi-user.target.wants/"
	: > "$root/etc/fstab"
}

boot() {
	size=$(du -smx "$root" | cut -f 1)
	mke2fs -q -t ext4 -d "$root" "$folder/disk" "$((size + 400))M"
	timeout "$LIMIT" qemu-system-x86_64 -m 1024 -smp 2 -nographic -no-reboot -accel "${ACCEL:-tcg}" -cpu max \
		-kernel "$(ls "$root"/boot/vmlinuz-* | tail -n 1)" -initrd "$(ls "$root"/boot/initrd.img-* | tail -n 1)" \
		-append 'root=/dev/vda rw console=ttyS0 quiet' \
		-drive "file=$folder/disk,format=raw,if=virtio,cache=unsafe" \
		-nic hubport,hubid=1,model=virtio-net-pci,mac=52:54:00:00:00:01 \
		-nic hubport,hubid=2,model=virtio-net-pci,mac=52:54:00:00:00:02 < /dev/null
}

[ -e "$root/boot" ] || install_system
prepare_system <<'END'
passed=0 failed=0
check() { # WHAT COMMAND…
	what=$1
	shift
	if "$@" > /tmp/said 2>&1; then
		passed=$((passed + 1))
		echo "ok     $what"
	else
		failed=$((failed + 1))
		echo "not ok $what"
		sed 's/^/       | /' /tmp/said
	fi
}
monotonic() { systemctl show -P "$2" "$1"; }
# The first verification may take a while in software emulation.
settled() {
	for _ in $(seq 60); do
		[ "$(systemctl show -P ActiveState agfeo)" != activating ] && break
		sleep 1
	done
	systemctl is-active agfeo
}
daemon_serves() {
	for _ in $(seq 30); do
		grep -q '^agfeo_build_info' /var/lib/prometheus/node-exporter/agfeo.prom 2> /dev/null && return 0
		sleep 1
	done
	systemctl status --no-pager agfeo-run
	return 1
}
daemon_is_seen() { agfeoctl status | grep '^daemon' | grep -v 'does not run'; }
generation() { agfeoctl status | sed -nE 's/.*generation ([0-9]+)$/\1/p'; }
comes_generation() {
	for _ in $(seq 60); do
		[ "$(generation)" = "$1" ] && return 0
		sleep 1
	done
	is_generation "$1"
}
is_generation() { [ "$(generation)" = "$1" ] || { agfeoctl status; false; }; }
before_network() { [ "$(monotonic agfeo ActiveEnterTimestampMonotonic)" -le "$(monotonic network-pre.target ActiveEnterTimestampMonotonic)" ]; }
guarded() { ip -details link show lan0 | grep -q 'prog/xdp' && ip -details link show wan0 | grep -q 'prog/xdp'; }
open_again() { ! ip -details link show | grep -q 'prog/xdp'; }
nothing_left() {
	find / -xdev -name '*agfeo*' ! -path '/opt/*' ! -path '/proc/*' ! -path '/var/lib/dpkg/*' ! -path '/var/log/*' | grep . && return 1
	find /run /sys/fs/bpf -name '*agfeo*' | grep . && return 1
	return 0
}

echo "Linux $(uname -r), $(systemctl --version | head -n 1)"
check 'the unit is up after the boot' settled
check 'it was before the network' before_network
check 'both cards are guarded' guarded
check 'generation 1 rules' is_generation 1
agfeoctl status | sed -n 1,20p
check 'alert rules and dashboards are there' test -s /usr/share/agfeo/prometheus/agfeo.rules.yml -a -s /usr/share/agfeo/grafana/agfeo.dashboard.de.json
check 'the daemon runs' systemctl is-active agfeo-run
check 'and writes the textfile' daemon_serves
check 'status sees it' daemon_is_seen
check 'reload' systemctl reload agfeo
check 'is a new generation in place' is_generation 2
check 'the package is upgraded' dpkg -i /opt/agfeo.deb
check 'which is a new generation in place' is_generation 3
check 'the unit is still up' systemctl is-active agfeo
check 'a configuration with an error' sh -c 'cp /etc/agfeo/agfeo.conf /tmp/good; echo nonsense >> /etc/agfeo/agfeo.conf; ! systemctl reload agfeo'
check 'leaves what ran' is_generation 3
check 'the daemon is reloaded' sh -c 'cp /tmp/good /etc/agfeo/agfeo.conf; systemctl reload agfeo-run'
check 'which is a new generation in place' comes_generation 4
check 'restart' sh -c 'cp /tmp/good /etc/agfeo/agfeo.conf; systemctl restart agfeo'
check 'guards again' guarded
check 'remove' dpkg -r agfeo
check 'lets the cards go' open_again
check 'and keeps the configuration' test -e /etc/agfeo/agfeo.conf
check 'purge' dpkg -P agfeo
check 'leaves nothing' nothing_left
[ "$failed" = 0 ] || journalctl -u agfeo -u agfeo-run --no-pager | tail -n 40
echo "package: $passed passed, $failed failed, 0 skipped"
END

boot | tee "$folder/console"
grep -q 'package: [0-9]* passed, 0 failed' "$folder/console"
