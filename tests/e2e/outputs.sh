#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2086,SC2153,SC2034,SC2015 # what is sourced, and words without blanks
# Disks that are full, outputs and streams that nobody takes, and clocks that jump: each has a message
# that says what to do, and what ran before runs on. Other mishaps are in mishaps.sh.

. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/lib_load.sh"
. "$(dirname "$0")/lib_calls.sh"
. "$(dirname "$0")/lib_mishaps.sh"

# ------------------------------------------------------------------ disks and outputs

full_disk() {
	local before where=$WORLD_DIR/small
	loaded
	mkdir "$where"
	mount -t tmpfs -o size=8k,mode=0755 "agfeo-$$-small" "$where"
	check 'export' box export --textfile "$where/agfeo.prom"
	before=$(cksum < "$where/agfeo.prom")
	head -c 100000 /dev/zero > "$where/fill" 2> /dev/null
	refused 'export to a full disk' "textfile '$where/agfeo.prom': not written, the old one stays: No space left on device" box export --textfile "$where/agfeo.prom"
	check_equal 'the old one stays' "$before" "$(cksum < "$where/agfeo.prom")"
	check_equal 'and nothing beside it' 'agfeo.prom fill' "$(cd "$where" && echo *)"
	refused 'load with a full run folder' "$where/lock: No space left on device" in_ns fw "$AGFEOCTL" --pin "$(pin)" --run "$where" -c "$WORLD_DIR/agfeo.conf" load
	refused 'load --confirm with a full run folder' "$where/lock: No space left on device" in_ns fw "$AGFEOCTL" --pin "$(pin)" --run "$where" -c "$WORLD_DIR/agfeo.conf" load --confirm 60
	rm "$where/fill"
	check 'room again: export' box export --textfile "$where/agfeo.prom"
	umount "$where"
	rmdir "$where"
	refused 'export where there is no folder' "the folder '$where' does not exist" box export --textfile "$where/agfeo.prom"
	refused 'export to a folder' 'Is a directory' box export --textfile "$WORLD_DIR/log"
	refused 'no folder for the run folder' "$where/run: the folder of run-time state" in_ns fw "$AGFEOCTL" --pin "$(pin)" --run "$where/run" -c "$WORLD_DIR/agfeo.conf" load
	refused 'no configuration' "$where: the configuration cannot be read: No such file" in_ns fw "$AGFEOCTL" --pin "$(pin)" --run "$WORLD_DIR/run" -c "$where" load
}

# A daemon whose textfile cannot be written goes on, says so once, and writes when there is room.
full_disk_daemon() {
	local where=$WORLD_DIR/small
	mkdir "$where"
	mount -t tmpfs -o size=8k,mode=0755 "agfeo-$$-small" "$where"
	head -c 100000 /dev/zero > "$where/fill" 2> /dev/null
	printf '[export]\ntextfile = %s/agfeo.prom\ninterval = 1s\n' "$where" >> "$WORLD_DIR/agfeo.conf"
	spawn daemon fw "$AGFEOCTL" --pin "$(pin)" --run "$WORLD_DIR/run" -c "$WORLD_DIR/agfeo.conf" run
	check 'the daemon says that its disk is full' wait_for 30 says daemon 'No space left on device'
	check 'and so does status' wait_for 10 eval 'box status | grep -q "No space left on device"'
	rm "$where/fill"
	check 'with room again it writes' wait_for 30 test -s "$where/agfeo.prom"
	check_equal 'readable for all' 644 "$(stat -c %a "$where/agfeo.prom")"
	check 'and says so' wait_for 10 says daemon 'metrics are exported again'
	check_equal 'each once' 2 "$(grep -c . "$WORLD_DIR/log/daemon")"
	stop daemon TERM
	umount "$where"
	rmdir "$where"
	here
}

outputs() {
	local command status
	while read -r command; do
		box $command > /dev/full 2> "$WORLD_DIR/log/said"
		status=$?
		[ $status = 1 ] && said 'standard output: No space left on device' && ok "$command > /dev/full: an error" ||
			not_ok "$command > /dev/full: exit $status, said: $(cat "$WORLD_DIR/log/said")"
		box $command 2> "$WORLD_DIR/log/said" | head -n 0
		status=${PIPESTATUS[0]}
		case $status in
		0 | 141) ok "$command | head -n 0: ends" ;; # by SIGPIPE, as every tool does
		*) not_ok "$command | head -n 0: exit $status, said: $(cat "$WORLD_DIR/log/said")" ;;
		esac
	done <<- END
		models
		models --json
		check
		explain udp 192.168.100.1:5004 198.51.100.1:5004
		status
		status --json
		stats
		stats --json
		flows
		flows --json
		calls
		calls --json
		drops
		drops --json
		generate nft
		help
		--version
	END
}

# Streams end as soon as nobody takes what they say.
following() {
	local command ends
	site_conf
	check 'load' box load
	for command in 'drops --follow' 'drops --follow --json' 'flows --follow' 'flows --follow --json'; do
		for ends in /dev/full pipe; do
			if [ $ends = pipe ]; then
				(box $command 2> /dev/null | head -n 1 > /dev/null) &
			else
				box $command > /dev/full 2> /dev/null &
			fi
			status=$!
			echo $status > "$WORLD_DIR/pid/follow"
			check "$command to $ends: ends" wait_for 20 eval 'in_ns pc nc -z -w 1 $PBX4 80; in_ns pc nc -z -w 1 $PBX4 23; gone $status'
			stop follow KILL
		done
	done
}

# ------------------------------------------------------------------ clocks

shimmed() { in_ns fw env LD_PRELOAD="$TOOLS/shim.so" WALL_FILE="$WORLD_DIR/wall" "$AGFEOCTL" --pin "$(pin)" --run "$WORLD_DIR/run" -c "$WORLD_DIR/agfeo.conf" "$@"; }
flow_count() { box flows --json | jq '.flows | length'; }
written_again() { [ "$(cat "$WORLD_DIR/run/run.json" | jq .written)" != "$1" ]; }

# The wall clock jumps by years, both ways, under a daemon: flows neither age nor end by it.
clocks() {
	local jump flows written=0
	site_conf
	check 'load' box load
	echo 0 > "$WORLD_DIR/wall"
	in_ns pbx sh -c 'nc -l -p 80 > /dev/null & echo $! > '"$WORLD_DIR/pid/web"
	wait_for 5 listens_tcp pbx 80
	in_ns pc sh -c "exec 3<> /dev/tcp/$PBX4/80" 2> /dev/null || in_ns pc nc -z -w 2 $PBX4 80
	flows=$(flow_count)
	check_more 'there are flows' 0 "$flows"
	spawn daemon fw env LD_PRELOAD="$TOOLS/shim.so" WALL_FILE="$WORLD_DIR/wall" "$AGFEOCTL" --pin "$(pin)" --run "$WORLD_DIR/run" -c "$WORLD_DIR/agfeo.conf" run
	check 'the daemon writes' wait_for 20 test -s "$WORLD_DIR/textfile/agfeo.prom"
	for jump in 315360000 -315360000 86400 -3600; do
		echo $jump > "$WORLD_DIR/wall"
		rm -f "$WORLD_DIR/textfile/agfeo.prom"
		check "wall clock off by $jump s: it goes on writing" wait_for 20 test -s "$WORLD_DIR/textfile/agfeo.prom"
		check "wall clock off by $jump s: status" shimmed status
		shimmed status > "$WORLD_DIR/log/said"
		check_not "wall clock off by $jump s: with no nonsense" grep -qE '[0-9]{10,}s|-[0-9]+s ago|-[0-9]+ s ago' "$WORLD_DIR/log/said"
		check_equal "wall clock off by $jump s: each flow stands" "$flows" "$(shimmed flows --json | jq '.flows | length')"
		check "wall clock off by $jump s: load --confirm" shimmed load --confirm 60
		check "wall clock off by $jump s: the confirmation is still waited for" shimmed confirm
	done
	stop daemon TERM
	stop web KILL
	check_equal 'no source of ours asks the wall clock for an age' '' "$(grep -rlE 'CLOCK_REALTIME|time\(NULL\)|gettimeofday' "$ROOT_DIR/bpf" "$ROOT_DIR/user/voice" "$ROOT_DIR/user/kernel/sweep.c" "$ROOT_DIR/user/kernel/flows.c" "$ROOT_DIR/user/kernel/observe.c" "$ROOT_DIR/user/kernel/confirm.c" "$ROOT_DIR/user/kernel/lock.c")"
}

tools_built shim.so
test_begin outputs jq nc
world_up
run_each full_disk full_disk_daemon outputs following clocks in_the_end
test_end
