#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# bash completion: every command, its options, and the words after an option. Needs no privilege.
set -u
cd "$(dirname "$0")/../.." || exit 1

AGFEOCTL=$(realpath "${AGFEOCTL:-build/agfeoctl}")
# shellcheck disable=SC1091 # looked at by itself
. user/completion/agfeoctl
passed=0 failed=0

# offers EXPECTED WORDS…: completing the last of the words offers the expected one.
offers() {
	local expected=$1
	shift
	COMP_WORDS=("$AGFEOCTL" "$@")
	COMP_CWORD=$#
	_agfeoctl
	case " ${COMPREPLY[*]} " in
	*" $expected "*) passed=$((passed + 1)) ;;
	*)
		failed=$((failed + 1))
		echo "agfeoctl $*<TAB> offers '${COMPREPLY[*]}', not '$expected'"
		;;
	esac
}

commands=$(sh user/command/commands.sh user/command | grep -o 'X([a-z]*)' | tr -d 'X()')
for command in $commands; do
	offers "$command" "${command:0:2}"
	offers "$command" --json -c README.md ''
	for option in $("$AGFEOCTL" "$command" --help | grep -oE '^  (-[a-z], )?--[a-z]+' | grep -oE -- '--[a-z]+'); do
		offers "$option" "$command" "${option:0:3}"
	done
done
offers --json --j
offers --version -
offers visofon models vis
offers udp explain u
offers status help stat
offers README.md -c READM
offers README.md check --config READM
offers tests --pin tes
offers 60 load --confirm ''
offers 5 stats --watch ''
offers Makefile replay Mak

echo "completion: $passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
