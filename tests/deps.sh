#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Installs from Debian's packages what is missing (Debian 12 and 13): tests/deps.sh [PART]
# With "build" only what make needs, with "analyze" and "bench" also what `make analyze` and `make bench`
# use, with "kernels" the virtual machine of tests/kernels, with "compilers" the other versions of clang,
# with "debian" what makes another release; otherwise what the tests and the demonstration use.
# No daemon is started or enabled: the tests run their own, in namespaces of their own.
# shellcheck disable=SC2086 # lists of packages are meant to be split
set -eu

# Debian starts what it installs; this forbids it while we do.
GUARD=/usr/sbin/policy-rc.d

build_packages='
	gcc libc6-dev make pkg-config clang bpftool
	libbpf-dev libinih-dev libjson-c-dev libpcap-dev libncurses-dev libc-ares-dev libevent-dev
	libseccomp-dev libnetfilter-conntrack-dev
'
test_packages='
	clang-format shellcheck git
	iproute2 iputils-ping nftables conntrack ethtool procps util-linux strace
	tcpdump tshark python3 jq curl socat netcat-openbsd mandoc tmux
	dnsmasq-base sip-tester baresip-core sipvicious prometheus prometheus-node-exporter
'
analyze_packages='
	clang-tidy clang-tools cppcheck
'
bench_packages='
	iproute2 ethtool nftables iptables util-linux python3 gnuplot-nox
'
kernels_packages='
	qemu-system-x86 busybox-static cpio kmod xz-utils zstd debian-archive-keyring ppp pppoe
'
compilers_packages='
	clang-13 clang-14 clang-15 clang-16 clang-17 clang-18 clang-19
'

case ${1:-} in
debian) wanted='debootstrap git' ;;
kernels) wanted=$kernels_packages ;;
compilers) wanted=$compilers_packages ;;
build) wanted=$build_packages ;;
analyze) wanted="$build_packages $analyze_packages" ;;
bench) wanted="$build_packages $bench_packages" ;;
*) wanted="$build_packages $test_packages" ;;
esac

if ! command -v dpkg-query > /dev/null || ! command -v apt-get > /dev/null; then
	echo "deps: no Debian here; needed are the likes of:" $wanted >&2
	exit 0
fi

# One question for all of them.
present=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $wanted 2> /dev/null |
	sed -n 's/^installed //p') || true
missing=
for package in $wanted; do
	case "
$present
" in
	*"
$package
"*) ;;
	*) missing="$missing $package" ;;
	esac
done
[ -n "$missing" ] || exit 0

as_root=
if [ "$(id -u)" != 0 ]; then
	if ! command -v sudo > /dev/null; then
		echo "deps: as root: apt-get install --no-install-recommends$missing" >&2
		exit 1
	fi
	as_root=sudo
fi

echo "deps: installing$missing"

forbid_starting() {
	[ ! -e "$GUARD" ] || return 0
	trap 'allow_starting' EXIT
	trap 'exit 1' HUP INT TERM
	printf '#!/bin/sh\nexit 101\n' | $as_root tee "$GUARD" > /dev/null
	$as_root chmod 755 "$GUARD"
}

allow_starting() {
	$as_root rm -f "$GUARD"
}

# Nor may they start with the next boot: what we just installed is there for the tests.
disable_units() {
	command -v systemctl > /dev/null || return 0
	units=$(dpkg-query -L $missing 2> /dev/null |
		sed -nE 's,^(/usr)?/lib/systemd/system/([^/@]+\.(service|timer|socket))$,\2,p')
	[ -z "$units" ] || $as_root systemctl --quiet disable $units 2> /dev/null || true
}

install_missing() {
	$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y \
		-o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold \
		install --no-install-recommends $missing
}

# What only tests use may be missing from a release: they skip then, and say what they miss.
leave_unknown() {
	known=
	for package in $missing; do
		if apt-cache show "$package" > /dev/null 2>&1; then
			known="$known $package"
		else
			echo "deps: Debian has no package '$package' here: left out" >&2
		fi
	done
	missing=$known
}

forbid_starting
# The package lists that are there may do, and may be all there is without a network.
if ! install_missing; then
	$as_root apt-get -q update || true
	leave_unknown
	[ -z "$missing" ] || install_missing
fi
disable_units
