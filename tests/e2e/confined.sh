#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2086,SC2153,SC2034 # what is sourced, and words without blanks
# The daemon in its cage: three capabilities, and the system calls of its list only. Under strace it
# does all that it ever does, and is refused nothing; tests/prog/test_sandbox.c has what is refused.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_load.sh"

of_daemon() { awk -v name="$1:" '$1 == name { print $2 }' "/proc/$(pid_of daemon)/status"; }
# CAP_NET_ADMIN 12, CAP_PERFMON 38, CAP_BPF 39
KEPT=$(printf '%016x' $((1 << 12 | 1 << 38 | 1 << 39)))

daemon_up() { # COMMAND...
	spawn daemon fw env NOTIFY_SOCKET="$WORLD_DIR/notify" WATCHDOG_USEC=400000 "$@" \
		--pin "$(pin)" --run "$WORLD_DIR/run" -c "$WORLD_DIR/agfeo.conf" run
}
reloads() { [ "$(box status --json 2> /dev/null | jq -r .generation)" = "$1" ]; }
attached() { [ -n "$(xdp_id "$1")" ]; }

confinement() {
	daemon_up "$AGFEOCTL"
	check 'it writes its textfile' wait_for 30 test -s "$WORLD_DIR/textfile/agfeo.prom"
	check_equal 'three capabilities' "$KEPT $KEPT" "$(of_daemon CapEff) $(of_daemon CapPrm)"
	check_equal 'none to inherit' '0000000000000000 0000000000000000' "$(of_daemon CapInh) $(of_daemon CapAmb)"
	check_equal 'nor for what it might start' "$KEPT" "$(of_daemon CapBnd)"
	check_equal 'no new privileges' 1 "$(of_daemon NoNewPrivs)"
	check_equal 'a filter of system calls' 2 "$(of_daemon Seccomp)"
	# libseccomp gives up where seccomp(2) is refused, as it is by a unit that does not list it.
	check 'which the unit lets it set' grep -qE '^SystemCallFilter=.*\bseccomp\b' "$ROOT_DIR/user/systemd/agfeo-run.service"
	check_equal 'textfile and run files are readable, and nobody may write them' '644 644 644' \
		"$(stat -c %a "$WORLD_DIR/textfile/agfeo.prom" "$WORLD_DIR/run/run.json" "$WORLD_DIR/run/quality.json" | tr '\n' ' ' | sed 's/ $//')"
	stop daemon TERM
}

# Start, rounds, names, a reload that changes nothing, one that changes much, a first load, an
# interface that comes back, a policy that was loaded by somebody else, the end.
duties() {
	rm -f "$WORLD_DIR/textfile/agfeo.prom"
	daemon_up strace -ff -qq -e signal=SYS -o "$WORLD_DIR/log/trace" "$AGFEOCTL"
	check 'traced: it writes its textfile' wait_for 60 test -s "$WORLD_DIR/textfile/agfeo.prom"
	kill -HUP "$(traced)"
	check 'reloads' wait_for 60 reloads 2
	sed -i '/^role = uplink/s/.*/role = voice/' "$WORLD_DIR/agfeo.conf"
	sed -i '/^\[interface lan0/a xdp = generic' "$WORLD_DIR/agfeo.conf"
	kill -HUP "$(traced)"
	check 'reloads with another role and mode' wait_for 60 reloads 3
	check 'somebody else loads' box load
	ip -n "$WORLD-fw" link add gone0 type veth peer name gone1
	printf '[interface gone0]\nrole = voice\n' >> "$WORLD_DIR/agfeo.conf"
	check 'with one interface more' box load
	ip -n "$WORLD-fw" link delete gone0
	ip -n "$WORLD-fw" link add gone0 type veth peer name gone1
	check 'which is guarded again when it comes back' wait_for 60 attached gone0
	check 'unload' box unload
	kill -HUP "$(traced)"
	check 'a first load' wait_for 120 reloads 1
	kill -TERM "$(traced)"
	check 'it ends' finish daemon 60
	check_more 'it was traced' 1000 "$(cat "$WORLD_DIR"/log/trace.* | wc -l)"
	# What it asks by id would need CAP_SYS_ADMIN, and it does without; so it does with whose
	# mount namespace its parents are in, and libbpf (1.5) without the token of a container.
	check_equal 'and refused nothing' '' "$(grep -hE ' = -1 (EPERM|EACCES)|SIGSYS' "$WORLD_DIR"/log/trace.* |
		grep -vE '"/proc/[0-9]+/ns/mnt"|BPF_(PROG|MAP)_GET_FD_BY_ID|BPF_TOKEN_CREATE' | cut -c 1-150 | sort | uniq -c | head -n 5)"
}

traced() { jq .pid "$WORLD_DIR/run/run.json"; }

# The same rules for whom and what it reads.
configuration() {
	chmod 666 "$WORLD_DIR/agfeo.conf"
	refused 'a configuration that anybody may write: load' 'anybody may write this file (mode 0666)' box load
	refused 'check says so, too' 'anybody may write this file' box check
	refused 'and the daemon does not begin' 'anybody may write this file' box run
	chmod 644 "$WORLD_DIR/agfeo.conf"
	chown 65534 "$WORLD_DIR/agfeo.conf"
	box load > /dev/null 2> "$WORLD_DIR/log/said"
	check 'one of somebody else: a warning' said 'warning: it belongs to user 65534'
	chown 0 "$WORLD_DIR/agfeo.conf"
	check_equal 'the folder of pins is root alone' 700 "$(stat -c %a "$(pin)")"
	check_equal 'each folder in it' 700 "$(find "$(pin)" -type d -printf '%m\n' | sort -u)"
	check_equal 'each pin' 600 "$(find "$(pin)" -type f -printf '%m\n' | sort -u)"
}

test_begin confined jq strace bpftool
world_up
check 'load' box load
confinement
duties
configuration
check 'unload' box unload
nothing_left 'unloaded'
test_end
