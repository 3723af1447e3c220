#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Boots Debian's kernels in qemu, runs the tests on each with the binaries of this build, and prints
# the table of README.md: tests/kernels/run.sh [SUITE…], or `make test-kernels`. Needs no KVM
# (software emulation: ten minutes a kernel); ACCEL=kvm is faster where it works. TESTS="prog/rows …"
# runs others, FOLLOW=1 shows their rows as they come. Kernels and logs are kept in build/kernels;
# FETCH=no takes the kernels that are there.
set -u
cd "$(dirname "$0")/../.." || exit 1

BUILD=$(realpath "${BUILD:-build}")
TESTS=${TESTS:-prog/cost prog/hooks prog/rows prog/test_dns guest}
LIMIT=${LIMIT:-7200} # seconds that a machine may run
PATH=$PATH:/usr/sbin:/sbin
SUITES=${*:-bullseye bookworm trixie sid}
passed=0 failed=0 skipped=0

if [ "$(uname -m)" != x86_64 ]; then
	echo "skipped: kernels are fetched for x86-64 only"
	exit 77
fi
for tool in qemu-system-x86_64 cpio depmod xz; do
	command -v $tool > /dev/null || {
		echo "skipped: no $tool here ('tests/deps.sh kernels' installs it)"
		exit 77
	}
done
busybox=$(command -v busybox) && ! ldd "$busybox" > /dev/null 2>&1 || {
	echo "skipped: no static busybox here ('tests/deps.sh kernels' installs it)"
	exit 77
}

# initramfs FOLDER: busybox, tests/kernels/init, and the modules that reach the host's files.
initramfs() {
	local folder=$1 tree=$1/tree release number=100 module target
	release=$(cat "$folder/release")
	rm -rf "$tree"
	mkdir -p "$tree"/{bin,modules,host,memory,box}
	cp "$busybox" "$tree/bin/busybox"
	install -m 0755 tests/kernels/init "$tree/init"
	for module in $(modprobe -d "$folder/root" -S "$release" --show-depends -a \
		virtio_pci 9pnet_virtio 9p overlay 2> /dev/null | awk '$1 == "insmod" && !seen[$2]++ { print $2 }'); do
		target=$tree/modules/$((number += 1)).ko
		case $module in
		*.xz) xz -dc "$module" > "$target" ;;
		*.zst) zstd -qdc "$module" > "$target" ;;
		*) cp "$module" "$target" ;;
		esac
	done
	(cd "$tree" && find . | cpio -o -H newc --quiet) > "$folder/initramfs"
	rm -rf "$tree"
}

# The host's files are readable in the machine, and nothing but its own memory is writable. It has no
# network but what the tests make. One CPU runs: on a busy host two of them pass packets on in another
# order than they came, and that is what calls are watched for. A second is there, which guest/cpus
# starts and stops, and 32 could be there. In software emulation 6.12 and newer take for possible
# only what is there: there, all 32 are.
boot() { # FOLDER
	local present=2 words="console=ttyS0 quiet panic=-1 no_timer_check mitigations=off maxcpus=1"
	[ "$(printf '%s\n' 6.12 "$(cat "$1/release")" | sort -V | head -n 1)" != 6.12 ] || present=32
	words="$words agfeo.guest=$PWD/tests/kernels/guest.sh agfeo_build=$BUILD"
	words="$words agfeo_modules=$1/root/lib/modules agfeo_limit=$((LIMIT / 2)) agfeo_tests=${TESTS// /,}"
	words="$words agfeo_cpus=$present"
	[ -z "${FOLLOW:-}" ] || words="$words agfeo_follow=1"
	timeout "$LIMIT" qemu-system-x86_64 -m 4096 -smp "$present,maxcpus=32" -nographic -no-reboot -nic none \
		-accel "${ACCEL:-tcg}" -cpu max -kernel "$1/vmlinuz" -initrd "$1/initramfs" -append "$words" \
		-virtfs local,path=/,mount_tag=host,security_model=none,readonly=on,multidevs=remap \
		< /dev/null 2>&1 | stdbuf -o0 tr -d '\r' | tee "$1/console" | sed -un '/^=== /,/^=== [0-9]*$/p'
}

count() { # FOLDER: adds what the last line of the tests says
	local sum
	sum=$(sed -nE 's/^([0-9]+) passed, ([0-9]+) failed, ([0-9]+) skipped$/\1 \2 \3/p' "$1/console" | tail -n 1)
	if [ -z "$sum" ] || ! grep -q '^=== end$' "$1/console"; then
		echo "the machine did not reach the end of the tests; its last words, of $1/console:"
		tail -n 15 "$1/console"
		failed=$((failed + 1))
	fi
	# shellcheck disable=SC2086 # three numbers, or none
	set -- ${sum:-0 0 0}
	passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
}

# A row a kernel and program, and below it what the tests said.
table() {
	local suite
	echo '| kernel | program | verified | jited | attached at voice interfaces |'
	echo '| --- | --- | ---: | ---: | --- |'
	for suite in $SUITES; do
		awk -v suite="$suite" -v version="$(cat "$BUILD/kernels/$suite/version" 2> /dev/null)" '
			/^cost: [a-z0-9_]+: / { sub(":", "", $2); names[++n] = $2; verified[$2] = $3; jited[$2] = $8 }
			/^attached: lan0 / { sub("^attached: lan0 ", ""); how = $0 }
			END {
				for (i = 1; i <= n; i++)
					printf "| %s | `%s` | %d | %d | %s |\n", i == 1 ? suite " (" version ")" : "",
						names[i], verified[names[i]], jited[names[i]], i == 1 ? how : ""
				if (!n) printf "| %s (%s) | not loaded | | | |\n", suite, version
			}' "$BUILD/kernels/$suite/console"
	done
}

# A row a kernel and test: what its line said.
tests_table() {
	local suite
	echo '| kernel | test | |'
	echo '| --- | --- | --- |'
	for suite in $SUITES; do
		sed -nE 's,^(ok|FAILED|skipped) +((prog|guest|e2e)/[a-z_]+) +[0-9]+s +(.*),\2 | \1: \4,p' \
			"$BUILD/kernels/$suite/console" |
			sed "s,^,| $suite ($(cat "$BUILD/kernels/$suite/version" 2> /dev/null)) | ,; s,\$, |,"
	done
}

for suite in $SUITES; do
	folder=$BUILD/kernels/$suite
	echo "--- Debian $suite"
	if [ "${FETCH:-}" != no ] && ! tests/kernels/kernel.sh "$suite" "$folder"; then
		failed=$((failed + 1))
		continue
	fi
	initramfs "$folder"
	boot "$folder"
	count "$folder"
done
{
	table
	echo
	tests_table
} | tee "$BUILD/kernels/table.md"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
