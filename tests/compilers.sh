#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Compiles the programs with every clang that is installed here, and lets the kernel verify them:
# tests/compilers.sh, or `make test-compilers`, as root. What a verifier accepts depends on what the
# compiler made of it. TESTS="prog/cost prog/rows …" runs others; builds are kept in build/compilers.
set -u
cd "$(dirname "$0")/.." || exit 1

BUILD=${BUILD:-build}
TESTS=${TESTS:-prog/cost}
passed=0 failed=0

# Each by its number, and the nameless one where it is none of these.
compilers() {
	for folder in $(echo "$PATH" | tr : ' '); do
		for clang in "$folder"/clang-[0-9]* "$folder"/clang; do
			[ -x "$clang" ] && echo "$(realpath "$clang") $clang"
		done
	done | sort -u -k 1,1 | cut -d ' ' -f 2
}

# with CLANG: builds and runs.
with() {
	ours=$BUILD/compilers/$(basename "$(realpath "$1")")-$("$1" -dumpversion)
	programs=
	for test in $TESTS; do
		programs="$programs $ours/test/$test"
	done
	# shellcheck disable=SC2086 # one word a test
	make -s BUILD="$ours" CLANG="$1" "$ours/agfeoctl" $programs > "$ours.log" 2>&1 &&
		BUILD=$ours tests/run.sh $TESTS >> "$ours.log" 2>&1
}

mkdir -p "$BUILD/compilers"
for clang in $(compilers); do
	if with "$clang"; then
		passed=$((passed + 1))
		echo "ok      $("$clang" --version | head -n 1)"
	else
		failed=$((failed + 1))
		echo "FAILED  $("$clang" --version | head -n 1)"
		grep -v '^ok ' "$ours.log" | tail -n 30 | sed 's/^/        /'
	fi
done
echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ] && [ $passed -gt 0 ]
