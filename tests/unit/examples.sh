#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# What users copy works: every example configuration, and those printed in the README and the manual,
# are sound and without a warning. Needs no privilege.
set -u
cd "$(dirname "$0")/../.." || exit 1

AGFEOCTL=${AGFEOCTL:-build/agfeoctl}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
passed=0 failed=0

accepted() { # NAME FILE
	if "$AGFEOCTL" -c "$2" check > "$folder/out" 2> "$folder/err" && [ ! -s "$folder/err" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "$1: 'agfeoctl check' complains:"
		sed 's/^/    /' "$folder/err"
	fi
}

# The blocks of a Markdown file that are marked as ini, one file each.
ini_blocks() { # FILE
	rm -f "$folder"/block-*
	awk -v folder="$folder" '
		/^```/ { inside = /^```ini/; count += inside; next }
		inside { print > (folder "/block-" count) }
	' "$1"
}

# The displays of a manual page that begin with a section, without their markup.
manual_blocks() { # FILE
	rm -f "$folder"/block-*
	awk -v folder="$folder" '
		/^\.Bd / { inside = 1; count++; next }
		/^\.Ed/ { inside = 0; next }
		inside { gsub(/\\&/, ""); gsub(/\\e/, "\\"); gsub(/\\-/, "-"); print > (folder "/block-" count) }
	' "$1"
}

blocks_accepted() { # NAME
	found=0
	for block in "$folder"/block-*; do
		grep -q '^\[site\]' "$block" 2> /dev/null && grep -q '^\[device ' "$block" || continue
		found=1
		accepted "$1" "$block"
	done
	if [ "$found" = 0 ]; then
		failed=$((failed + 1))
		echo "$1: no configuration was found in it: this test looks in vain"
	fi
}

for file in user/examples/*.conf; do
	accepted "$file" "$file"
done
for file in README.md README.de.md; do
	ini_blocks "$file"
	blocks_accepted "$file"
done
for file in user/man/agfeo.conf.5 user/man/de/agfeo.conf.5; do
	manual_blocks "$file"
	blocks_accepted "$file"
done

echo "examples: $passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
