#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Holds SECURITY.md against the tree: each test that it names is there, with the rows that it quotes;
# and what it says of our source is so: no shell, no program started but by audit, no format but a
# literal one.
set -u
cd "$(dirname "$0")/../.." || exit 1

passed=0 failed=0

good() { passed=$((passed + 1)); }
complain() {
	echo "$1"
	failed=$((failed + 1))
}

# "PATH" and "PATH<tab>ROW" of each mention: rows in parentheses belong to the path before them.
mentions() {
	tr '\n' ' ' < SECURITY.md | tr -s ' ' | awk '
		{
			count = split($0, part, "`")
			for (i = 2; i <= count; i += 2) {
				if (part[i] !~ /^tests\//)
					continue
				print part[i]
				if (part[i + 1] !~ /^ \("/)
					continue
				rows = substr(part[i + 1], 3, index(part[i + 1], ")") - 3)
				while (match(rows, /"[^"]*"/)) {
					print part[i] "\t" substr(rows, RSTART + 1, RLENGTH - 2)
					rows = substr(rows, RSTART + RLENGTH)
				}
			}
		}'
}

check_mention() { # PATH [ROW]
	if [ ! -f "$1" ]; then
		complain "SECURITY.md: there is no $1"
	elif [ -n "${2:-}" ] && ! grep -qF -- "$2" "$1"; then
		complain "SECURITY.md: $1 has no '$2'"
	else
		good
	fi
}

# nothing WHAT PATTERN [FILE-TO-LEAVE-OUT]
nothing() {
	found=$(grep -rnE --include='*.c' --include='*.h' -- "$2" user bpf include | grep -v "^${3:-no file}:")
	if [ -n "$found" ]; then
		complain "$1:
$found"
	else
		good
	fi
}

tab=$(printf '\t')
mentions > "${TMPDIR:-/tmp}/security.$$"
while IFS=$tab read -r path row; do check_mention "$path" "$row"; done < "${TMPDIR:-/tmp}/security.$$"
rm -f "${TMPDIR:-/tmp}/security.$$"
[ "$passed" -gt 20 ] || complain "SECURITY.md: only $passed tests are named"

nothing 'a shell' '\b(system|popen|wordexp)\('
nothing 'a program is started' '\b(exec[lv]p?e?|execveat|posix_spawnp?)[[:blank:]]*\(' user/kernel/output.c
nothing 'a format that is no literal' '\b(printf|warn|say|note)\([a-z_>.-]+\)'
nothing 'a format that is no literal' '\b(fail|fprintf|dprintf)\([^",]*, *[a-z_>.-]+\)'

echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
