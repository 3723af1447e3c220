#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Builds and tests what is committed in another release of Debian, with its compilers, libraries and
# peers, on this kernel: tests/debian.sh [SUITE [TEST…]], or `make test-debian SUITE=trixie`, as root.
# The release is kept in build/debian, from MIRROR if one is given, else from debootstrap's own; what is
# mounted there goes with the namespace that it is in.
set -eu
cd "$(dirname "$0")/.."

BUILD=${BUILD:-build}
SUITE=${1:-trixie}
[ $# = 0 ] || shift
ROOT=$(realpath -m "$BUILD/debian/$SUITE")

command -v debootstrap > /dev/null || {
	echo "skipped: no debootstrap here ('tests/deps.sh debian' installs it)"
	exit 77
}

if [ ! -e "$ROOT/complete" ]; then
	rm -rf --one-file-system "$ROOT"
	mkdir -p "$ROOT"
	debootstrap --variant=minbase --include=make "$SUITE" "$ROOT" ${MIRROR:+"$MIRROR"} > "$ROOT.log" 2>&1 || {
		tail -n 5 "$ROOT.log"
		exit 1
	}
	touch "$ROOT/complete"
fi

rm -rf --one-file-system "$ROOT/agfeoctl"
git clone -q . "$ROOT/agfeoctl"

# A root that is a mount of its own, as what makes namespaces expects it.
export ROOT
# shellcheck disable=SC2016 # for the shell inside
exec unshare --mount sh -eu -c '
	mount --make-rprivate /
	mount --bind "$ROOT" "$ROOT"
	for folder in proc sys dev; do
		mount --rbind "/$folder" "$ROOT/$folder"
	done
	exec chroot "$ROOT" env LC_ALL=C.UTF-8 sh -eu -c "
		cd /agfeoctl
		make deps > /deps.log 2>&1 || { tail -n 5 /deps.log; exit 1; }
		make -s -j2 all test-programs
		tests/run.sh $*
	"
' sh "$@"
