#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Manual pages: mandoc has nothing against them, and the German ones explain what the English do:
# each command, option, key, reason and metric.
set -u
cd "$(dirname "$0")/../.." || exit 1

if ! command -v mandoc > /dev/null; then
	echo "no mandoc here"
	exit 77
fi
passed=0 failed=0

# That the pages refer to are installed elsewhere, or not yet, is no fault of theirs.
for page in user/man/*.[58] user/man/de/*.[58]; do
	said=$(mandoc -T lint "$page" 2> /dev/null | grep -v 'referenced manual not found')
	if [ -z "$said" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "$said"
	fi
done

# The words that are the same in every language, in their order: lines of a list's items, less
# what stands for a value.
words() {
	sed -nE '/^\.It/{ s/ (Ar|Oo|Oc|Op|Pa|Ns|Brq) / /g; p }' "$1" |
		grep -oE '(Cm|Ic|Fl|Ev) [^ ]+' | sort | uniq -c
}

for page in user/man/*.[58]; do
	german=user/man/de/${page##*/}
	if [ "$(words "$page")" = "$(words "$german")" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "$german does not explain the words of $page:"
		words "$page" > "${TMPDIR:-/tmp}/words.$$"
		words "$german" | diff "${TMPDIR:-/tmp}/words.$$" -
		rm -f "${TMPDIR:-/tmp}/words.$$"
	fi
done

# Every key of a section of the configuration.
keys=$(grep -hoE '\.name = "[a-z-]+", *\.take' user/config/config_*.c | cut -d '"' -f 2 | sort -u)
[ "$(echo "$keys" | wc -l)" -gt 20 ] || { echo "keys are not found in user/config any more"; failed=$((failed + 1)); }
for key in $keys; do
	if grep -qE "^\.It (.* )?Cm $key No =" user/man/agfeo.conf.5; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "agfeo.conf.5 does not explain the key '$key'"
	fi
done

# Every metric.
metrics=$(grep -hoE '"agfeo_[a-z_]+"' user/report/*.c | tr -d '"' | sort -u)
[ "$(echo "$metrics" | wc -l)" -gt 15 ] || { echo "metrics are not found in user/report any more"; failed=$((failed + 1)); }
for metric in $metrics; do
	if grep -qw "$metric" user/man/agfeoctl.8; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "agfeoctl.8 does not explain the metric '$metric'"
	fi
done

echo "man: $passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
